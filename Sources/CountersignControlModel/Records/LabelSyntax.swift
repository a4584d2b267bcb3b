/// What names and values of labels may look like, as Cloud Foundry's V3 API has it.
package enum LabelSyntax {
    /// The longest name without its prefix, and the longest value, in characters.
    package static let maximumLength = 63
    /// The longest prefix, in characters.
    package static let maximumPrefixLength = 253
    /// The prefix that is kept for the platform itself.
    package static let reservedPrefix = "cloudfoundry.org"

    /// What is wrong with a name, such as `team` or `example.com/team`; nil when it is sound.
    package static func problem(ofKey key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2 else { return "has more than one '/'" }
        if parts.count == 2 {
            let prefix = parts[0]
            guard (1...maximumPrefixLength).contains(prefix.utf8.count),
                prefix.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isDNSLabel)
            else { return "has a prefix that is no DNS name of 1 to \(maximumPrefixLength) characters" }
            guard prefix.lowercased() != reservedPrefix else {
                return "has the prefix \(reservedPrefix), which is reserved"
            }
        }
        return isWord(name) ? nil : "is no word of 1 to \(maximumLength) \(characters)"
    }

    /// What is wrong with a value; nil when it is sound, as an empty one is.
    package static func problem(ofValue value: String) -> String? {
        value.isEmpty || isWord(value[...]) ? nil : "is no word of at most \(maximumLength) \(characters)"
    }

    private static let characters = "letters, digits, '-', '_' and '.', with a letter or digit at both ends"

    private static func isWord(_ text: Substring) -> Bool {
        let bytes = text.utf8
        guard (1...maximumLength).contains(bytes.count), bytes.first.map(isAlphanumeric) ?? false,
            bytes.last.map(isAlphanumeric) ?? false
        else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isDNSLabel(_ text: Substring) -> Bool {
        isWord(text) && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
