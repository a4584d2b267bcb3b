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
        for field in try field.fields() {
            switch field.tag {
            case DERTag.constructed(0):
                self.namesDistributionPoint = true
                self.distributionPoints = try DistributionPointNames.uris(inName: field)
            case DERTag.primitive(1): self.onlyUserCertificates = try field.boolean(field.tag)
            case DERTag.primitive(2): self.onlyAuthorities = try field.boolean(field.tag)
            case DERTag.primitive(3): self.isPartialOrIndirect = true
            case DERTag.primitive(4), DERTag.primitive(5):
                if try field.boolean(field.tag) { self.isPartialOrIndirect = true }
            default: throw .unexpectedField
            }
        }
    }
}
