package import CountersignForwarding
package import CountersignIdentity
package import CountersignPKI
package import CountersignPolicy
package import CountersignRouter
package import CountersignRouting
package import CountersignTLS
import CountersignTransport

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
        package var headerFormat = ForwardedHeaderFormat.raw
        package var authorization = DomainAuthorization.none

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
    package var timeouts = RouterTimeouts()
    /// The authority whose revocations are followed, when there is one.
    package var revocationFeed: RevocationFeed?
    /// What issues the process's own identity, when it is to have one.
    package var authority: IssuingAuthority?

    package init() {}

    /// Builds the snapshot.
    ///
    /// - Parameter revoked: what the domains' verifiers ask; the same for all snapshots of one router.
    /// - Throws: ``RoutingError`` for overlapping domains or repeated routes, ``TLSError`` for an identity that cannot
    ///   be used.
    package func makeSnapshot(revoked: RevokedCertificates) throws -> RouterSnapshot {
        var generator = SystemRandomNumberGenerator()
        let table = try DomainTable(
            domains: domains.map { MTLSDomain(pattern: $0.pattern, place: $0.place) },
            seed: generator.next()
        )
        return RouterSnapshot(
            domainTable: table,
            domains: try domains.map { try makeDomain($0, revoked) },
            identities: identities,
            plainContexts: try identities.map { identity in
                try TLSContext(server: identity, minimum: minimumVersion, verifier: nil, label: Array("plain".utf8))
            },
            routes: try RouteTable(routes: routes, seed: generator.next()),
            addresses: routes.map { route in route.endpoints.map(Self.address) },
            limits: limits,
            timeouts: timeouts
        )
    }

    private func makeDomain(_ domain: Domain, _ revoked: RevokedCertificates) throws -> MutualTLSDomain {
        let verifier = DomainVerifier(
            verifier: ChainVerifier(trust: domain.trust, purpose: .client, revocation: domain.revocation),
            revoked: revoked
        )
        let name = domain.pattern.description
        return MutualTLSDomain(
            pattern: domain.pattern,
            name: name,
            verifier: verifier,
            contexts: try identities.map { identity in
                try TLSContext(
                    server: identity,
                    minimum: minimumVersion,
                    verifier: verifier,
                    acceptableIssuers: verifier.acceptableIssuers,
                    label: Array("mtls:\(name)".utf8)
                )
            },
            forwardedClientCert: domain.forwardedClientCert,
            headerFormat: domain.headerFormat,
            policy: .mutualTLS(domain.authorization)
        )
    }

    /// The socket address of an endpoint that can be connected to.
    ///
    /// An endpoint whose name does not resolve is left out until the next reload; its siblings serve. One that wants TLS
    /// is left out, too, as it must not be sent plain text.
    private static func address(_ endpoint: Endpoint) -> SocketAddress? {
        guard !endpoint.usesTLS else { return nil }
        return try? SocketAddress.resolve(host: endpoint.host, port: endpoint.port).first
    }
}
