/// What tokens of a service may say: a part of its registration.
package struct TokenGrant: Sendable, Hashable {
    /// Whom its tokens may be for, beside those that every service's may be for.
    package var audiences: [String]
    /// The roles that they name.
    package var roles: [String]
    /// The scopes that they hold.
    package var scopes: [String]

    /// The most audiences, roles or scopes, each.
    package static let maximumValues = 32

    /// The longest audience, role or scope, in bytes.
    package static let maximumLength = 256

    /// What an audience or a role is.
    package static let textRule = "1 to \(maximumLength) printable ASCII characters"

    /// What a scope is.
    package static let scopeRule = "1 to \(maximumLength) printable ASCII characters without space, quote or backslash"

    /// A grant; without any audience, the service has tokens only for those that every service's may be for.
    package init(audiences: [String] = [], roles: [String] = [], scopes: [String] = []) {
        self.audiences = audiences
        self.roles = roles
        self.scopes = scopes
    }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { audiences.isEmpty && roles.isEmpty && scopes.isEmpty }

    /// Whether a text can be an audience or a role: what every reader of JSON compares in the same way.
    package static func isText(_ text: String) -> Bool {
        (1...maximumLength).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
            && text.utf8.first != 0x20 && text.utf8.last != 0x20
    }

    /// Whether a text can be a scope (RFC 6749 section 3.3).
    package static func isScope(_ text: String) -> Bool {
        isText(text) && !text.utf8.contains { $0 == 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    }
}
