import CountersignPKI
package import CountersignRouting
package import CountersignTLS

/// Everything that requests are decided by, built and checked as a whole and then exchanged as a whole.
///
/// A reload makes a new one; a request sees exactly one.
package final class RouterSnapshot: Sendable {
    /// Finds the mTLS domain of a name; the same for the server name of a handshake and the Host of a request.
    package let domainTable: DomainTable
    /// The domains in the order of ``domainTable``'s indices.
    package let domains: [MutualTLSDomain]
    /// What the router presents to clients; the first where no other names the host.
    package let identities: [TLSIdentity]
    /// For names on no mTLS domain: TLS without client certificates, one context for each identity.
    package let plainContexts: [TLSContext]
    /// The routes of the file, beside which others may be registered.
    package let routes: FixedRoutes
    /// How endpoints are reached over TLS.
    package let upstreamSecurity: UpstreamSecurityPlan
    package let limits: RouterLimits
    package let timeouts: RouterTimeouts
    /// How requests are spread over endpoints, and what becomes of those that fail and of their requests.
    package let balancing: BalancingPlan
    package let ejection: EjectionRules
    package let retries: RetryPlan
    /// Endpoints that are asked whether they are well.
    package let healthChecks: [HealthCheckPlan]
    /// Which kinds of traffic are taken.
    package let traffic: TrafficRules
    /// Where local workloads may call through this process; `nil` for a reverse proxy.
    package let egress: EgressPlan?

    package init(
        domainTable: DomainTable,
        domains: [MutualTLSDomain],
        identities: [TLSIdentity],
        plainContexts: [TLSContext],
        routes: FixedRoutes,
        upstreamSecurity: UpstreamSecurityPlan = UpstreamSecurityPlan(),
        limits: RouterLimits,
        timeouts: RouterTimeouts,
        balancing: BalancingPlan = BalancingPlan(),
        ejection: EjectionRules = EjectionRules(),
        retries: RetryPlan = RetryPlan(),
        healthChecks: [HealthCheckPlan] = [],
        traffic: TrafficRules = TrafficRules(),
        egress: EgressPlan? = nil
    ) {
        self.domainTable = domainTable
        self.domains = domains
        self.identities = identities
        self.plainContexts = plainContexts
        self.routes = routes
        self.upstreamSecurity = upstreamSecurity
        self.limits = limits
        self.timeouts = timeouts
        self.balancing = balancing
        self.ejection = ejection
        self.retries = retries
        self.healthChecks = healthChecks
        self.traffic = traffic
        self.egress = egress
    }

    /// The mTLS domain that a normalised host name belongs to.
    func domain(of host: Span<UInt8>) -> MutualTLSDomain? {
        guard let index = domainTable.match(host: host), domains.indices.contains(index) else { return nil }
        return domains[index]
    }

    /// The context for a connection that asks for `serverName` and belongs to `domain`.
    func context(serverName: [UInt8], domain: MutualTLSDomain?) -> TLSContext? {
        let contexts = domain?.contexts ?? plainContexts
        let named = identities.firstIndex { $0.names(serverName) } ?? 0
        return contexts.indices.contains(named) ? contexts[named] : contexts.first
    }

    /// What the revocation lists of this snapshot's domains name and those of an earlier one's did not.
    func newlyListed(since earlier: RouterSnapshot) -> [RevocationKey] {
        let before = Dictionary(earlier.domains.map { ($0.name, $0.verifier) }, uniquingKeysWith: { first, _ in first })
        return Array(Set(domains.flatMap { $0.verifier.newlyListed(since: before[$0.name]) }))
    }
}
