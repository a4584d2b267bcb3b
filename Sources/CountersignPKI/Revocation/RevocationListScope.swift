/// What a revocation list covers: its issuingDistributionPoint (RFC 5280 section 5.2.5).
package struct RevocationListScope: Sendable, Hashable {
    /// The distribution points it was made for; empty when it says none.
    package var distributionPoints: [String] = []
    /// Whether it names a distribution point at all.
    package var namesDistributionPoint = false
    /// Whether it covers certificates that are no authorities' alone.
    package var onlyUserCertificates = false
    /// Whether it covers authorities alone.
    package var onlyAuthorities = false
    /// Whether it covers a part of the reasons, attribute certificates, or other issuers: never relied upon.
    package var isPartialOrIndirect = false

    /// Whether the list can tell about the certificate.
    func covers(_ certificate: ParsedCertificate) -> Bool {
        if self.isPartialOrIndirect { return false }
        if self.onlyUserCertificates, certificate.isAuthority { return false }
        if self.onlyAuthorities, !certificate.isAuthority { return false }
        guard self.namesDistributionPoint else { return true }
        return certificate.extensions.crlDistributionPoints.contains(where: self.distributionPoints.contains)
    }
}

extension RevocationListScope {
    /// Reads an issuingDistributionPoint.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        if let name = fields.optional(DERTag.constructed(0)) {
            self.namesDistributionPoint = true
            self.distributionPoints = try DistributionPointNames.uris(inName: name)
        }
        self.onlyUserCertificates = try fields.booleanOrFalse(DERTag.primitive(1))
        self.onlyAuthorities = try fields.booleanOrFalse(DERTag.primitive(2))
        let isForSomeReasons = fields.optional(DERTag.primitive(3)) != nil
        let isIndirect = try fields.booleanOrFalse(DERTag.primitive(4))
        let isOfAttributes = try fields.booleanOrFalse(DERTag.primitive(5))
        self.isPartialOrIndirect = isForSomeReasons || isIndirect || isOfAttributes
        try fields.end()
    }
}
