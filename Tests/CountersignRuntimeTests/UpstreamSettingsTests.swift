import CountersignConfiguration
import CountersignIdentity
import CountersignPKI
import CountersignRouter
import CountersignRouting
import CountersignTransport
import Testing

@testable import CountersignRuntime

/// Endpoints over TLS are reached with what proves them, or not at all.
@Suite struct UpstreamSettingsTests {
    private let authority: IssuingAuthority
    private let trust: TrustStore
    private let address: SocketAddress

    init() throws {
        authority = try .ephemeral(trustDomain: try TrustDomain(parsing: "cluster.local"), now: 1_800_000_000)
        trust = try TrustStore(pem: authority.trustBundlePEM)
        address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 4001))
    }

    @Test func `a named upstream is reached with its own requirements`() throws {
        let plan = try settings().makeUpstreamPlan(RevokedCertificates(), nil)
        let endpoint = Endpoint(host: "127.0.0.1", port: 4001, usesTLS: true, upstream: "users")
        let target = try #require(UpstreamTarget(endpoint, at: address, by: plan))
        #expect(target.security?.name == "users")
        #expect(target.security?.presentsIdentity == true)
    }

    @Test func `an upstream over TLS that the plan does not know is not reached, and never in plain text`() throws {
        let plan = try settings().makeUpstreamPlan(RevokedCertificates(), nil)
        let unknown = Endpoint(host: "127.0.0.1", port: 4001, usesTLS: true, upstream: "orders")
        #expect(UpstreamTarget(unknown, at: address, by: plan) == nil)
        let unnamed = Endpoint(host: "127.0.0.1", port: 4001, usesTLS: true)
        #expect(UpstreamTarget(unnamed, at: address, by: plan) == nil)
        let plain = Endpoint(host: "127.0.0.1", port: 4001)
        #expect(try #require(UpstreamTarget(plain, at: address, by: plan)).security == nil)
    }

    private func settings() throws -> RouterSettings {
        var settings = RouterSettings()
        settings.upstreams = [
            RouterSettings.Upstream(
                name: "users",
                trust: .authorities(trust),
                expectedNames: [.trustDomain(try TrustDomain(parsing: "cluster.local"))],
                serverName: nil,
                presentsIdentity: true,
                allowsFallback: false
            )
        ]
        return settings
    }
}
