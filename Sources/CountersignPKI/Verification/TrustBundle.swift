public import CountersignIdentity

/// Authorities together with the trust domains whose SPIFFE identities they may vouch for.
public struct TrustBundle: Sendable {
    /// DER encodings of the authorities, in any order.
    public var authoritiesDER: [[UInt8]]

    /// The trust domains that the authorities speak for.
    public var trustDomains: TrustDomainScope

    /// Makes a bundle from its parts.
    public init(authoritiesDER: [[UInt8]], trustDomains: TrustDomainScope) {
        self.authoritiesDER = authoritiesDER
        self.trustDomains = trustDomains
    }
}
