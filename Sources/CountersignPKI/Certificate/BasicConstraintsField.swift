/// The basicConstraints extension (RFC 5280 section 4.2.1.9).
package struct BasicConstraintsField: Sendable, Hashable {
    /// Whether the subject is a certificate authority.
    package let isAuthority: Bool

    /// How many intermediate certificates may follow below this one; nil for no limit.
    package let pathLength: Int?
}

extension BasicConstraintsField {
    /// Reads the extension's value; a path length without `cA` is malformed.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        self.isAuthority = try fields.booleanOrFalse()
        self.pathLength = try fields.next()?.integer()
        try fields.end()
        if let pathLength, !self.isAuthority || pathLength < 0 {
            throw EncodingFault("a path length that is negative or without an authority")
        }
    }
}
