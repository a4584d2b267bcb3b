import CountersignIdentity

/// Which trust domains a verified path may speak for.
///
/// The store says it for all of its authorities. An authority whose own certificate carries the SPIFFE ID of a trust
/// domain is of that domain, and so narrows the scope: pooled bundles never let one domain speak for another.
enum AuthorityTrustDomains {
    static func scope(of path: [ParsedCertificate], store: TrustDomainScope) -> TrustDomainScope {
        var scope = store
        for issuer in path.dropFirst() {
            for case .uri(let uri) in issuer.extensions.alternativeNames where uri.hasPrefix("spiffe://") {
                guard let id = try? SPIFFEID(parsing: uri), !id.namesWorkload, scope.contains(id.trustDomain) else {
                    return .only([])
                }
                scope = .only([id.trustDomain])
            }
        }
        return scope
    }
}
