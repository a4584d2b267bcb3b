/// What tokens of a service may say: `audiences`, `roles` and `scopes` of an element of `authority.services`.
package struct ServiceTokenSection: Hashable, Sendable {
    /// Whom its tokens may be for, beside `authority.tokens.audiences`.
    package var audiences: [String] = []

    /// The roles that they name.
    package var roles: [String] = []

    /// The scopes that they hold.
    package var scopes: [String] = []

    /// Nothing.
    package init() {}
}

extension ServiceTokenSection {
    /// What a text in a token may be.
    struct Rule {
        let words: String
        let allows: @Sendable (UInt8) -> Bool
    }

    /// An audience or a role.
    static let text = Rule(words: "1 to 256 printable ASCII characters, no space first or last") { byte in
        (0x20..<0x7F).contains(byte)
    }

    /// A scope (RFC 6749 section 3.3).
    static let scope = Rule(words: "1 to 256 printable ASCII characters without space, quote or backslash") { byte in
        (0x21..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Reads the keys of a service.
    static func read(_ reader: MappingReader) -> ServiceTokenSection {
        var section = ServiceTokenSection()
        section.audiences = reader.value("audiences")?.grant(text) ?? []
        section.roles = reader.value("roles")?.grant(text) ?? []
        section.scopes = reader.value("scopes")?.grant(scope) ?? []
        return section
    }
}

extension ValueReader {
    /// A list of texts that tokens hold; those that are none are reported and left out.
    func grant(_ rule: ServiceTokenSection.Rule) -> [String]? {
        listOrSingle(of: "texts", atMost: 32)?.compactMap { $0.grantText(rule) }
    }

    /// A text that tokens hold.
    func grantText(_ rule: ServiceTokenSection.Rule) -> String? {
        guard let text = text(rule.words) else { return nil }
        guard text.utf8.count <= 256, text.utf8.first != 0x20, text.utf8.last != 0x20,
            text.utf8.allSatisfy(rule.allows)
        else {
            fail("expected \(rule.words)")
            return nil
        }
        return text
    }
}
