/// The URIs inside CRL distribution points (RFC 5280 sections 4.2.1.13 and 5.2.5).
enum DistributionPointNames {
    /// The URIs of a `SEQUENCE OF DistributionPoint`.
    static func uris(inList list: DERField) throws(EncodingFault) -> [String] {
        var uris: [String] = []
        for point in try list.fields() {
            for field in try point.fields() where field.tag == DERTag.constructed(0) {
                uris += try self.uris(inName: field)
            }
        }
        return uris
    }

    /// The URIs of an explicitly tagged DistributionPointName; none when it is relative to the issuer.
    static func uris(inName field: DERField) throws(EncodingFault) -> [String] {
        var uris: [String] = []
        for choice in try field.fields(DERTag.constructed(0)) where choice.tag == DERTag.constructed(0) {
            for name in try choice.fields(DERTag.constructed(0)) {
                if case .uri(let uri) = try AlternativeName(name) { uris.append(uri) }
            }
        }
        return uris
    }
}
