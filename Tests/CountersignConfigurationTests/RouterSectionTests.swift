import CountersignConfiguration
import CountersignForwarding
import CountersignIdentity
import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct RouterSectionTests {
    static let smallest = """
        router:
          listen: 127.0.0.1:8443
          tls: { certificates: [{ cert_chain: pki/server.pem, private_key: pki/server-key.pem }] }

        """

    private func router(_ yaml: String) throws -> RouterSection {
        let result = load(yaml)
        #expect(result.problems == [])
        return try #require(result.configuration?.router)
    }

    @Test func whatIsLeftOutHasTheStatedDefaults() throws {
        let router = try router(Self.smallest)
        #expect(router.listen.map(\.description) == ["127.0.0.1:8443"])
        #expect(router.tls.minimumVersion == .tls12)
        #expect(router.maximumRouteOptionsSize == 1024)
        #expect(router.workers == nil)
        #expect(router.domains.isEmpty && router.routes.isEmpty)
        #expect(router.limits == LimitsSection())
        #expect(router.limits.maximumHeadBytes == 65536 && router.limits.maximumConnections == 50_000)
        #expect(router.timeouts == TimeoutsSection())
        #expect(router.timeouts.keepAlive == .seconds(75) && router.timeouts.drain == .seconds(30))
        #expect(router.pool.maximumIdlePerEndpoint == 1024)
        #expect(router.accessLog.destination == .standardOutput && router.accessLog.format == .json)
        #expect(router.maximumConnectionAge == nil && router.revocation == nil)
    }

    @Test func theAuthorityWhoseRevocationsAreFollowedReachesTheModel() throws {
        let yaml =
            Self.smallest + """
                  max_connection_age: 12h
                  revocation:
                    authority: https://ca.internal:8444
                    ca_certs: pki/ca.pem
                    cert_chain: pki/server.pem
                    private_key: pki/server-key.pem

                """
        let router = try router(yaml)
        #expect(router.maximumConnectionAge == .seconds(43_200))
        let plain = try #require(router.revocation)
        #expect(plain.authority.description == "https://ca.internal:8444/")
        #expect(plain.authorities.count == 1 && plain.spiffeID == nil)
        #expect(plain.maximumStaleness == .seconds(300) && plain.onStale == .warn)
        let tuned = try #require(
            load(yaml + "    spiffe_id: spiffe://example.org/ca\n    max_staleness: 20s\n    on_stale: refuse\n")
                .configuration?.router?.revocation
        )
        #expect(tuned.spiffeID?.description == "spiffe://example.org/ca")
        #expect(tuned.maximumStaleness == .seconds(20) && tuned.onStale == .refuse)
    }

    @Test func everyTunableReachesTheModel() throws {
        let yaml =
            Self.smallest + """
                  workers: 3
                  limits: { max_request_line_bytes: 300, max_header_line_bytes: 400, max_head_bytes: 2000, max_headers: 9,
                    max_connections: 7 }
                  timeouts: { handshake: 1s, request_head: 2s, body_idle: 3s, keep_alive: 4s, connect: 5s, response: 6s,
                    upstream_keep_alive: 7s, drain: 8s }
                  pool: { max_idle_per_endpoint: 0 }
                  access_log: { path: logs/access.log, format: text, flush_interval: 250ms }
                """
        let router = try router(yaml)
        #expect(router.workers == 3)
        #expect(router.limits.maximumRequestLineBytes == 300 && router.limits.maximumHeaderLineBytes == 400)
        #expect(router.limits.maximumHeadBytes == 2000 && router.limits.maximumHeaders == 9)
        #expect(router.limits.maximumConnections == 7)
        let timeouts = router.timeouts
        let seconds = [
            timeouts.handshake, timeouts.requestHead, timeouts.bodyIdle, timeouts.keepAlive, timeouts.connect,
            timeouts.response, timeouts.upstreamKeepAlive, timeouts.drain,
        ]
        #expect(seconds == (1...8).map { .seconds($0) })
        #expect(router.pool.maximumIdlePerEndpoint == 0)
        #expect(router.accessLog.destination == .file("logs/access.log"))
        #expect(router.accessLog.flushInterval == .milliseconds(250) && router.accessLog.format == .text)
    }

    @Test func aDomainHasSafeDefaultsAndTakesWhatIsGiven() throws {
        let yaml =
            Self.smallest + """
                  domains:
                    - { name: a.example.com, ca_certs: pki/client-ca.pem }
                    - name: "*.Apps.Internal."
                      ca_certs: [pki/client-ca.pem, pki/partner-ca.pem]
                      crls: pki/revoked.crl
                      forwarded_client_cert: forward
                      xfcc_format: envoy
                      authorization: { mode: cf_identity, config: { spaces: [x, y, x] } }
                """
        let domains = try router(yaml).domains
        try #require(domains.count == 2)
        #expect(domains[0].forwardedClientCert == .sanitizeSet && domains[0].certificateHeaders.formats == [.raw])
        #expect(domains[0].authorization == .none && domains[0].revocationLists.isEmpty)
        #expect(domains[1].pattern == (try HostPattern(parsing: "*.apps.internal")))
        #expect(domains[1].clientAuthorities.count == 2 && domains[1].revocationLists.count == 1)
        #expect(domains[1].forwardedClientCert == .forward && domains[1].certificateHeaders.formats == [.envoy])
        let spaces = try Set(["x", "y"].map { try CloudFoundryGUID(parsing: $0) })
        #expect(domains[1].authorization == .cfIdentity(.spaces(spaces)))
        #expect(domains[1].place.description == "test.yaml:6:13")
    }

    @Test func aRouteHasItsPolicyAndItsTarget() throws {
        let yaml =
            Self.smallest + """
                  domains:
                    - { name: a.example.com, ca_certs: pki/client-ca.pem, authorization: { mode: cf_identity } }
                  routes:
                    - { route: A.example.com/v1/, endpoints: ["127.0.0.1:1"], options: { mtls_allowed_apps: "x, y" } }
                    - { route: b.example.com, upstream: users }
                mtls: { enabled: true }
                subgraphs: [{ name: users, url: "https://Users.internal:4001/graphql" }]
                """
        let result = load(yaml)
        #expect(result.problems == [])
        let configuration = try #require(result.configuration)
        let routes = try #require(configuration.router?.routes)
        #expect(routes.map(\.pattern.description) == ["a.example.com/v1", "b.example.com"])
        #expect(routes[0].policy.sources.count == 2 && routes[1].policy.form == .unstated)
        guard case .endpoints(let endpoints) = routes[0].target, case .upstream("users") = routes[1].target else {
            Issue.record("the targets are not the configured ones")
            return
        }
        #expect(endpoints.map(\.address) == ["127.0.0.1:1"])
        #expect(configuration.subgraphs[0].endpoints.map(\.address) == ["users.internal:4001"])
        #expect(configuration.subgraphs[0].endpoints[0].usesTLS)
        #expect(configuration.subgraphs[0].endpoints[0].upstream == "users")
    }
}
