import SwiftASN1

/// The URIs inside CRL distribution points (RFC 5280 sections 4.2.1.13 and 5.2.5).
enum DistributionPointNames {
    /// The URIs of a `SEQUENCE OF DistributionPoint`.
    static func uris(inList node: ASN1Node) throws -> [String] {
        guard node.identifier == .sequence, case .constructed(let points) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        var uris: [String] = []
        for point in points {
            guard point.identifier == .sequence, case .constructed(let fields) = point.content else {
                throw ASN1Error.unexpectedFieldType(point.identifier)
            }
            for field in fields where field.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) {
                uris += try self.uris(inName: field)
            }
        }
        return uris
    }

    /// The URIs of an explicitly tagged DistributionPointName; none when it is relative to the issuer.
    static func uris(inName field: ASN1Node) throws -> [String] {
        guard case .constructed(let choices) = field.content else {
            throw ASN1Error.unexpectedFieldType(field.identifier)
        }
        var uris: [String] = []
        for choice in choices where choice.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) {
            guard case .constructed(let names) = choice.content else {
                throw ASN1Error.unexpectedFieldType(choice.identifier)
            }
            for name in names {
                if case .uri(let uri) = try AlternativeName(derEncoded: name) { uris.append(uri) }
            }
        }
        return uris
    }
}
