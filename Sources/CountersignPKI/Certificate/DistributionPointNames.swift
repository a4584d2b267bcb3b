/// The URIs inside CRL distribution points (RFC 5280 sections 4.2.1.13 and 5.2.5).
enum DistributionPointNames {
    /// The URIs of a `SEQUENCE OF DistributionPoint`.
    static func uris(inList list: DERField) throws(EncodingFault) -> [String] {
        var uris: [String] = []
        for point in try list.fields() {
            var fields = try point.fields()
            if let name = fields.optional(DERTag.constructed(0)) { uris += try self.uris(inName: name) }
            // The reasons, and the issuer of an indirect list.
            _ = fields.optional(DERTag.primitive(1))
            _ = fields.optional(DERTag.constructed(2))
            try fields.end()
        }
        return uris
    }

    /// The URIs of an explicitly tagged DistributionPointName; none when it is relative to the issuer.
    static func uris(inName field: DERField) throws(EncodingFault) -> [String] {
        let choice = try field.onlyField()
        guard choice.tag != DERTag.constructed(1) else { return [] }
        var uris: [String] = []
        for name in try choice.fields(DERTag.constructed(0)) {
            if case .uri(let uri) = try AlternativeName(name) { uris.append(uri) }
        }
        return uris
    }
}
