import CountersignIdentity

/// Which trust domains a verified path may speak for.
///
/// The store says it for the authority that the path ends at. An authority whose own certificate carries the SPIFFE ID
/// of a trust domain is of that domain, and so narrows the scope: pooled bundles never let one domain speak for another.
enum AuthorityTrustDomains {
    static func scope(of path: [ParsedCertificate], in store: TrustStore) -> TrustDomainScope {
        var scope = path.last.map { store.trustDomains(ofAuthority: $0.der) } ?? .only([])
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

    /// What a leaf's SPIFFE IDs say against it; nil when the authorities above it may vouch for all of them.
    ///
    /// The whole chain is refused and not the name alone: whoever reads the certificate further on, such as a backend,
    /// would otherwise take it for that workload (SPIFFE X.509-SVID section 5.2).
    static func fault(of leaf: ParsedCertificate, within scope: TrustDomainScope) -> ChainRejection? {
        if scope == .unrestricted { return nil }
        for case .uri(let uri) in leaf.extensions.alternativeNames where uri.lowercased().hasPrefix("spiffe:") {
            if let id = try? SPIFFEID(parsing: uri), scope.contains(id.trustDomain) { continue }
            return ChainRejection(
                .foreignTrustDomain,
                "\(leaf.label) has the name \(PrintableText.escaped(uri)), and the authorities above it do not speak "
                    + "for that trust domain"
            )
        }
        return nil
    }
}
