package import CountersignIdentity
package import CountersignIssuance

/// What an authority is told about itself and may do.
package struct AuthoritySettings: Sendable {
    /// The trust domain that it issues for.
    package var trustDomain: TrustDomain
    /// The domain of DNS names, as `link.internal`.
    package var domain: String
    /// The URL under which revocation lists, OCSP and bundles are reached; nil when they are not served.
    package var publicURL: String?
    /// The issuance profiles by name; `default` is among them.
    package var profiles: [String: IssuanceProfile]
    /// The services of the configuration file.
    package var services: [ServiceRegistration]
    /// How often a revocation list is signed when nothing happens, in seconds.
    package var revocationListIntervalSeconds: Int64 = 3600
    /// How long a revocation list may be relied upon, in seconds; more than the interval, so that a late one is no outage.
    package var revocationListLifetimeSeconds: Int64 = 3 * 3600
    /// Lists that authorities above the intermediate have signed offline, in DER; agents are given them with the own ones.
    package var offlineRevocationLists: [[UInt8]] = []
    /// How long an OCSP answer may be relied upon, in seconds.
    package var ocspLifetimeSeconds: Int64 = 3600
    /// The lifetime of an agent's certificate, in seconds.
    package var agentLifetimeSeconds: Int64 = 24 * 3600
    /// Administrators by SPIFFE ID.
    package var administrators: [SPIFFEID: AdminRole] = [:]
    /// How tokens are issued; nil when none are.
    package var tokens: TokenSettings?
    /// Certificates that one service or agent may have in a second, on average and at once.
    package var issuanceRate = RateLimit(perSecond: 50, burst: 1000)
    /// Certificates that one operator, or holder of a key of the CFSSL API, may have in a second.
    package var operatorIssuanceRate = RateLimit(perSecond: 10_000, burst: 20_000)
    /// Failed authentications of one address in a second, on average and at once.
    package var failureRate = RateLimit(perSecond: 1, burst: 20)

    package init(
        trustDomain: TrustDomain,
        domain: String,
        profiles: [IssuanceProfile],
        services: [ServiceRegistration]
    ) {
        self.trustDomain = trustDomain
        self.domain = domain
        self.profiles = Dictionary(profiles.map { ($0.name, $0) }) { _, last in last }
        self.services = services
    }

    /// The end, in Unix seconds, from which on revoked certificates are on the lists that are signed at `time`.
    ///
    /// One that has ended stays until a regular list, signed after its end, has named it (RFC 5280 section 3.3), and until
    /// the last list without that has ended too: who fetches lists no more often than they must has seen it.
    package func listsNameCertificates(endingFrom time: Int64) -> Int64 {
        time - revocationListIntervalSeconds - revocationListLifetimeSeconds
    }

    /// The SPIFFE ID of an agent.
    ///
    /// - Throws: `IdentityError` when the name cannot be in one.
    package func agentID(_ name: String) throws -> SPIFFEID {
        try SPIFFEID(parsing: "spiffe://\(trustDomain)/agent/\(name)")
    }

    /// Whether a SPIFFE ID is the authority's own or an agent's, which no service may carry.
    package func isReserved(_ id: SPIFFEID) -> Bool {
        guard id.trustDomain == trustDomain else { return false }
        let first = id.path.split(separator: "/").first
        return first == "agent" || first == "authority"
    }
}

/// How often something may happen: a token bucket.
package struct RateLimit: Sendable, Hashable {
    /// How often on average, in a second.
    package var perSecond: Double
    /// How often at once.
    package var burst: Double

    package init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }
}
