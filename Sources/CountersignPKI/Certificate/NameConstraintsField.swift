/// The nameConstraints extension (RFC 5280 section 4.2.1.10).
package struct NameConstraintsField: Sendable, Hashable {
    /// What names below must lie within, form by form.
    package let permitted: [AlternativeName]

    /// What names below must not lie within.
    package let excluded: [AlternativeName]

    /// The most subtrees that are read.
    package static let maximumSubtrees = 1_024
}

extension NameConstraintsField {
    /// Reads the extension's value; at least one subtree, and none with a minimum or maximum (RFC 5280).
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        self.permitted = try Self.subtrees(fields.optional(DERTag.constructed(0)))
        self.excluded = try Self.subtrees(fields.optional(DERTag.constructed(1)))
        try fields.end()
        guard !self.permitted.isEmpty || !self.excluded.isEmpty else {
            throw EncodingFault("name constraints without any subtree")
        }
    }

    private static func subtrees(_ field: DERField?) throws(EncodingFault) -> [AlternativeName] {
        guard let field else { return [] }
        var subtrees: [AlternativeName] = []
        for subtree in try field.fields(field.tag) {
            guard subtrees.count < Self.maximumSubtrees else {
                throw EncodingFault("more than \(Self.maximumSubtrees) name constraints")
            }
            var parts = try subtree.fields()
            let base = try AlternativeName(parts.next(orFault: EncodingFault("a subtree without a base")))
            try parts.end()
            try Self.check(base)
            subtrees.append(base)
        }
        return subtrees
    }

    /// Refuses a constraint that no name could be compared with.
    private static func check(_ base: AlternativeName) throws(EncodingFault) {
        switch base {
        case .ip(let bytes):
            guard bytes.count == 8 || bytes.count == 32 else {
                throw EncodingFault("an IP constraint of \(bytes.count) bytes")
            }
            let mask = bytes[(bytes.count / 2)...]
            let ones = mask.prefix { $0 == 0xFF }.count
            let rest = mask.dropFirst(ones)
            let partial = rest.first ?? 0
            guard (~partial & (~partial &+ 1)) == 0, rest.dropFirst().allSatisfy({ $0 == 0 }) else {
                throw EncodingFault("an IP constraint whose mask has a gap")
            }
        case .email, .dns, .directory, .uri, .other:
            break
        }
    }
}
