/// The trust domains that the authorities behind a certificate speak for.
///
/// A SPIFFE ID counts only when the chain leads to the bundle of its own trust domain (SPIFFE X.509-SVID specification,
/// section 5.2). Whoever verified the chain knows which domains its roots belong to, and says so with this value.
public enum TrustDomainScope: Hashable, Sendable {
    /// The authorities belong to no trust domain in particular: each may name any, as a single set of authorities for
    /// everything does.
    case unrestricted
    /// The authorities speak for these trust domains and no other. The empty set makes every SPIFFE ID foreign.
    case only(Set<TrustDomain>)

    /// Whether an ID of the trust domain counts.
    public func contains(_ trustDomain: TrustDomain) -> Bool {
        switch self {
        case .unrestricted: true
        case .only(let domains): domains.contains(trustDomain)
        }
    }

    /// The trust domains of both.
    public func union(_ other: TrustDomainScope) -> TrustDomainScope {
        switch (self, other) {
        case (.only(let own), .only(let others)): .only(own.union(others))
        default: .unrestricted
        }
    }
}
