/// Decides what must not appear in a log.
///
/// A guard behind the rule that secrets are not passed to loggers at all, not a replacement for it.
enum LogRedaction {
    /// What stands in a secret's place.
    static var replacement: StaticString { "[redacted]" }

    /// Whether a metadata key names a secret.
    ///
    /// The key's words decide, whatever joins them: `api_key`, `http.request.Authorization` and `clientSecret` do, while
    /// `key.id` or `token.count` only describe one.
    static func isSecret(key: String) -> Bool {
        let words = Self.words(of: key)
        guard !words.isEmpty else { return false }
        if words.count > 1, let last = words.last, Self.descriptions.contains(last) { return false }
        return words.contains { Self.secrets.contains($0) }
    }

    /// Whether a value carries a secret that shows itself by its form: a PEM private key, or HTTP credentials.
    static func isSecret(value: String) -> Bool {
        if value.contains("PRIVATE KEY-----") { return true }
        let lowered = value.prefix(16).lowercased()
        return ["bearer ", "basic ", "negotiate "].contains { lowered.hasPrefix($0) }
    }

    private static let secrets: Set<String> = [
        "authorization", "proxyauthorization", "cookie", "cookies", "setcookie", "key", "keys", "apikey", "privatekey",
        "token", "tokens", "jwt", "assertion", "bearer", "pass", "passwd", "password", "passphrase", "pwd", "pin",
        "secret", "secrets", "credential", "credentials", "psk", "otp",
    ]

    private static let descriptions: Set<String> = [
        "id", "algorithm", "type", "size", "usage", "count", "age", "file", "path", "name", "status", "result",
    ]

    /// Splits at everything that is not a letter or digit, and where a capital follows a small letter.
    private static func words(of key: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previousIsSmall = false
        for character in key {
            let isWordCharacter = character.isLetter || character.isNumber
            if !isWordCharacter || (character.isUppercase && previousIsSmall) {
                if !word.isEmpty {
                    words.append(word)
                }
                word = ""
            }
            if isWordCharacter {
                word += character.lowercased()
            }
            previousIsSmall = character.isLowercase
        }
        return word.isEmpty ? words : words + [word]
    }
}
