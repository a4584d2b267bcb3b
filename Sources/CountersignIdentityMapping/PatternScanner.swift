import CountersignIdentity

/// Splits the text of a pattern or a template into literals and captures.
enum PatternScanner {
    /// The name of a capture that is not kept.
    static let anonymous = "_"

    /// The pieces in their order.
    ///
    /// - Parameters:
    ///   - text: the text as written.
    ///   - folding: whether letters of literals become lower-case.
    /// - Throws: ``MappingError`` for a brace out of place, a name that is none, or two captures side by side.
    static func pieces(of text: String, folding: Bool) throws(MappingError) -> [IdentityPattern.Piece] {
        guard !text.isEmpty, text.utf8.count <= IdentityPattern.maximumLength else {
            throw MappingError("a pattern has 1 to \(IdentityPattern.maximumLength) bytes")
        }
        var pieces: [IdentityPattern.Piece] = []
        var literal: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                literal.append(folding && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
                continue
            }
            guard byte == UInt8(ascii: "{"), let close = rest.firstIndex(of: UInt8(ascii: "}")) else {
                throw MappingError("a brace has no counterpart; captures are written {name}")
            }
            if !literal.isEmpty {
                pieces.append(.literal(literal))
                literal = []
            } else if case .capture? = pieces.last {
                throw MappingError("two captures stand side by side, so that nobody can tell where the first one ends")
            }
            pieces.append(.capture(try name(rest[..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }

    private static func name(_ bytes: Substring.UTF8View) throws(MappingError) -> String {
        let isName =
            (1...32).contains(bytes.count)
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
        guard isName, let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            throw MappingError(
                "\(IdentityError.excerpt(of: bytes)) is no name of a capture: lower-case letters, digits and _, at most 32"
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
