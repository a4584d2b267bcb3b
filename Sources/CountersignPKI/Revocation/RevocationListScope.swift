import SwiftASN1

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
    init(derEncoded node: ASN1Node) throws {
        guard node.identifier == .sequence, case .constructed(let fields) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        for field in fields {
            guard field.identifier.tagClass == .contextSpecific else {
                throw ASN1Error.unexpectedFieldType(field.identifier)
            }
            switch field.identifier.tagNumber {
            case 0:
                self.namesDistributionPoint = true
                self.distributionPoints = try DistributionPointNames.uris(inName: field)
            case 1: self.onlyUserCertificates = try Self.flag(field)
            case 2: self.onlyAuthorities = try Self.flag(field)
            case 4: self.isPartialOrIndirect = try self.isPartialOrIndirect || Self.flag(field)
            case 3: self.isPartialOrIndirect = true
            case 5: self.isPartialOrIndirect = try self.isPartialOrIndirect || Self.flag(field)
            default: throw ASN1Error.unexpectedFieldType(field.identifier)
            }
        }
    }

    private static func flag(_ node: ASN1Node) throws -> Bool {
        try Bool(derEncoded: node, withIdentifier: node.identifier)
    }
}
