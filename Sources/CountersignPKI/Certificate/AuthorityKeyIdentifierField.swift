import SwiftASN1

/// The authorityKeyIdentifier extension (RFC 5280 section 4.2.1.1).
package struct AuthorityKeyIdentifierField: Sendable, Hashable {
    /// The key identifier of the issuer's key.
    package let keyIdentifier: [UInt8]?

    /// Whether the issuer is also named by its own issuer and serial number.
    package let namesIssuer: Bool
}

extension AuthorityKeyIdentifierField {
    /// Reads the extension's value; the issuer's name and serial number come together or not at all.
    init(derEncoded node: ASN1Node) throws {
        (self.keyIdentifier, self.namesIssuer) = try DER.sequence(node, identifier: .sequence) { nodes in
            let identifier = try DER.optionalImplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                guard case .primitive(let bytes) = $0.content else {
                    throw ASN1Error.unexpectedFieldType($0.identifier)
                }
                return Array(bytes)
            }
            let issuer = DER.optionalImplicitlyTagged(&nodes, tagNumber: 1, tagClass: .contextSpecific) { _ in true }
            let serial = DER.optionalImplicitlyTagged(&nodes, tagNumber: 2, tagClass: .contextSpecific) { _ in true }
            guard (issuer == nil) == (serial == nil) else {
                throw EncodingFault("an authority key identifier names half of an issuer")
            }
            return (identifier, issuer != nil)
        }
    }
}
