import Crypto

/// A secret that callers of `authsign` share with the authority.
package struct CFSSLKey: Sendable {
    /// The name that the configuration gives it; the audit trail has it.
    package let name: String
    private let secret: SymmetricKey

    /// Takes the key's bytes in hexadecimal, at least 16 of them.
    ///
    /// - Returns: nil when the text is anything else.
    package init?(name: String, hexadecimal text: String) {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            guard let digit = Self.digit(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil, bytes.count >= Self.minimumBytes else { return nil }
        self.name = name
        self.secret = SymmetricKey(data: bytes)
    }

    /// Whether `token` is the HMAC-SHA-256 of `request` under this key; takes the same time whatever the token is.
    func authenticates(_ request: [UInt8], token: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(token, authenticating: request, using: secret)
    }

    /// The token of a request: HMAC-SHA-256 under this key.
    package func token(for request: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: request, using: secret))
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let minimumBytes = 16
}

extension CFSSLKey: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    package var description: String { "key \(name)" }
    /// The name alone: a dump must not show the secret.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
