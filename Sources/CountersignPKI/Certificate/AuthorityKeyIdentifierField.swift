/// The authorityKeyIdentifier extension (RFC 5280 section 4.2.1.1).
package struct AuthorityKeyIdentifierField: Sendable, Hashable {
    /// The key identifier of the issuer's key.
    package let keyIdentifier: [UInt8]?

    /// Whether the issuer is also named by its own issuer and serial number.
    package let namesIssuer: Bool
}

extension AuthorityKeyIdentifierField {
    /// Reads the extension's value; the issuer's name and serial number come together or not at all.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        self.keyIdentifier = fields.optional(DERTag.primitive(0)).map { Array($0.content) }
        self.namesIssuer = fields.optional(DERTag.constructed(1)) != nil
        let namesSerialNumber = fields.optional(DERTag.primitive(2)) != nil
        try fields.end()
        guard self.namesIssuer == namesSerialNumber else {
            throw EncodingFault("an authority key identifier names half of an issuer")
        }
    }
}
