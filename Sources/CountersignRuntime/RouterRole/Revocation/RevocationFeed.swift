package import CountersignPKI
package import CountersignRouter
package import CountersignTLS

/// All that following an authority's revocations needs, with every file read.
package struct RevocationFeed: Sendable {
    /// The URL of the authority's native API.
    package var authority: String
    /// What the authority's certificate is checked against.
    package var trust: TrustStore
    /// Who the authority must be.
    package var expected: PeerNameRequirement
    /// What the router shows to the authority.
    package var identity: TLSIdentity
    /// What follows when nothing is heard.
    package var rule: RevocationFreshness.Rule
}

extension RevocationFeed {
    /// Whether another connection has to be made for it.
    func isSameSource(as other: RevocationFeed) -> Bool {
        authority == other.authority && trust.authoritiesDER == other.trust.authoritiesDER
            && expected == other.expected && identity.certificateChain == other.identity.certificateChain
            && identity.privateKey == other.identity.privateKey
    }
}
