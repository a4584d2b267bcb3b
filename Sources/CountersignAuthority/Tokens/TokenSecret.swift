import CountersignPKI
import Crypto

/// A secret that a caller shows: 256 random bits behind a prefix that says what it is; only its digest is stored.
package struct TokenSecret: Sendable {
    private let text: String

    /// A new secret.
    ///
    /// - Parameter kind: the prefix, as `csj` for join tokens and `csb` for bearer tokens.
    package static func random(prefix kind: String) -> TokenSecret {
        var random = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        for _ in 0..<4 {
            let word = random.next()
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        return TokenSecret(text: "\(kind)_\(Hexadecimal.text(of: bytes))")
    }

    /// What a caller has shown.
    package init(shown text: String) {
        self.text = text
    }

    private init(text: String) {
        self.text = text
    }

    /// SHA-256 of the secret in lower-case hexadecimal.
    ///
    /// The secret has 256 bits, so that a fast hash is enough.
    package var digest: String {
        Hexadecimal.text(of: Array(SHA256.hash(data: Array(text.utf8))))
    }

    /// The secret, for the one who asked for it and nobody else.
    package func reveal() -> String { text }
}

extension TokenSecret {
    /// A text without the secrets that somebody has put into it, such as a token in the place of its name.
    package static func masked(_ text: String) -> String {
        text.replacing(/cs[bj]_[0-9A-Fa-f]{16,}/) { "\($0.output.prefix(4))…" }
    }
}

extension TokenSecret: CustomStringConvertible, CustomReflectable {
    /// Nothing of the secret.
    package var description: String { "token" }
    /// Nothing: a dump must not show the secret.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
