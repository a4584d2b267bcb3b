package import CountersignForwarding
package import CountersignIdentity
package import CountersignPKI
package import CountersignPolicy
package import CountersignRouter
package import CountersignRouting
package import CountersignTLS

/// All that a router's snapshot is built from, with every value parsed and every file read.
package struct RouterSettings: Sendable {
    /// One mTLS domain.
    package struct Domain: Sendable {
        package var pattern: HostPattern
        /// Where the domain is written, for error messages.
        package var place: String
        package var trust: TrustStore
        package var revocation = RevocationChecking.none
        package var forwardedClientCert = ForwardedClientCertMode.sanitizeSet
        package var certificateHeaders = CertificateHeaders([.raw])
        package var authorization = DomainAuthorization.none
        package var takesPlaintext = false
        /// The token that callers must show beside their certificate; nil when none is asked for.
        package var tokenBinding: TokenBindingRule?
        /// Where the keys of these tokens are published; nil when a file alone says.
        var tokenKeys: FollowedKeySet?

        package init(pattern: HostPattern, place: String, trust: TrustStore) {
            self.pattern = pattern
            self.place = place
            self.trust = trust
        }
    }

    /// What the router presents to clients; at least one.
    package var identities: [TLSIdentity] = []
    package var minimumVersion = TLSVersion.tls12
    package var domains: [Domain] = []
    package var routes: [RouteDefinition] = []
    package var limits = RouterLimits()
    /// Whether clients are offered HTTP/2.
    package var offersHTTP2 = true
    package var timeouts = RouterTimeouts()
    package var balancing = BalancingPlan()
    package var ejection = EjectionRules()
    package var retries = RetryPlan()
    /// Endpoints that are asked whether they are well, before their names are resolved.
    package var healthChecks: [HealthCheckPlan] = []
    package var traffic = TrafficRules()
    /// The authority whose revocations are followed, when there is one.
    package var revocationFeed: RevocationFeed?
    /// The control plane that routes come from, when there is one.
    package var control: ControlFeedPlan?
    /// The bus that routes come over, when there is one.
    package var bus: RouteBusPlan?
    /// What load balancers and operators are told, when there is somebody.
    var status: StatusPlan?
    /// Other trust domains whose bundles are kept up to date.
    package var federation: [FederatedDomain] = []
    /// What issues the process's own identity, when it is to have one.
    package var authority: IssuingAuthority?

    /// Everything that decides the process's own identity; another plan makes another one.
    package var identityPlan: IdentityPlan?

    /// The process's own identity, when it is in files.
    package var presentedIdentity: PresentedIdentity?

    /// The trust domain of the process's own identity.
    package var ownTrustDomain: TrustDomain?

    /// The named upstreams that are reached over TLS.
    package var upstreams: [Upstream] = []

    /// What is asked of other endpoints over TLS; `nil` when they cannot be verified.
    package var unnamedUpstreams: UnnamedUpstreams?

    package init() {}

    /// When the oldest revocation list that counts was made, in Unix seconds; `nil` without lists.
    ///
    /// Of several lists of one issuer, the newest counts.
    var oldestRevocationList: Int64? {
        let lists = domains.flatMap { $0.revocation.lists ?? [] }
        return Dictionary(grouping: lists, by: \.issuerDER).values.compactMap { $0.map(\.thisUpdate).max() }.min()
    }

    /// Builds the snapshot.
    ///
    /// - Parameters:
    ///   - revoked: what the domains' verifiers ask; the same for all snapshots of one router.
    ///   - endpoints: the addresses of ``routes``; resolved when absent.
    ///   - previous: the configuration in force. Contexts, verifiers and trust stores of what did not change are taken
    ///     from it, so that sessions can still be resumed, and chains that were verified need not be verified again.
    /// - Throws: `RoutingError` for overlapping domains or repeated routes, `TLSError` for an identity that cannot
    ///   be used.
    package func makeSnapshot(
        revoked: RevokedCertificates,
        endpoints: EndpointAddresses? = nil,
        reusing previous: LoadedRouter? = nil
    ) throws -> RouterSnapshot {
        let endpoints = endpoints ?? EndpointAddresses(resolving: routes)
        var generator = SystemRandomNumberGenerator()
        let table = try DomainTable(
            domains: domains.map { MTLSDomain(pattern: $0.pattern, place: $0.place) },
            seed: generator.next()
        )
        let reuse = previous.map { SnapshotReuse(settings: $0.settings, snapshot: $0.snapshot) }
        return RouterSnapshot(
            domainTable: table,
            domains: try domains.map { try makeDomain($0, revoked, reuse) },
            identities: identities,
            plainContexts: try identities.map { identity in
                if let context = reuse?.plainContext(for: identity, like: self) { return context }
                return try TLSContext(
                    server: identity,
                    minimum: minimumVersion,
                    verifier: nil,
                    offersHTTP2: offersHTTP2,
                    label: Array("plain".utf8)
                )
            },
            routes: try FixedRoutes(endpoints.routes),
            upstreamSecurity: try makeUpstreamPlan(revoked, reuse),
            limits: limits,
            timeouts: timeouts,
            balancing: balancing,
            ejection: ejection,
            retries: retries,
            healthChecks: endpoints.resolved(healthChecks),
            traffic: traffic
        )
    }

    private func makeDomain(
        _ domain: Domain,
        _ revoked: RevokedCertificates,
        _ reuse: SnapshotReuse?
    ) throws -> MutualTLSDomain {
        let former = reuse?.domain(like: domain)
        let verifier =
            former?.verifier
            ?? DomainVerifier(
                verifier: ChainVerifier(trust: domain.trust, purpose: .client, revocation: domain.revocation),
                revoked: revoked
            )
        let name = domain.pattern.description
        return MutualTLSDomain(
            pattern: domain.pattern,
            name: name,
            verifier: verifier,
            contexts: try identities.map { identity in
                if let former, let context = reuse?.context(of: former, for: identity, like: self) {
                    return context
                }
                return try TLSContext(
                    server: identity,
                    minimum: minimumVersion,
                    verifier: verifier,
                    acceptableIssuers: verifier.acceptableIssuers,
                    offersHTTP2: offersHTTP2,
                    label: Array("mtls:\(name)".utf8)
                )
            },
            forwardedClientCert: domain.forwardedClientCert,
            certificateHeaders: domain.certificateHeaders,
            policy: .mutualTLS(domain.authorization),
            takesPlaintext: domain.takesPlaintext,
            tokenBinding: domain.tokenBinding
        )
    }
}
