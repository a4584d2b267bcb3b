import CountersignIdentity
import CountersignPKI
import CountersignRouting
import CountersignTransport
import Testing

@testable import CountersignRouter

/// What each endpoint over TLS has to prove.
@Suite struct UpstreamSecurityPlanTests {
    private let upstream: TestUpstream
    private let address: SocketAddress

    init() throws {
        upstream = try TestUpstream()
        address = try #require(SocketAddress(numericHost: "192.0.2.1", port: 443))
    }

    private func plan(_ unnamed: UpstreamSecurityPlan.Unnamed? = nil) throws -> UpstreamSecurityPlan {
        var plan = UpstreamSecurityPlan()
        plan.named["users"] = try upstream.security()
        plan.unnamed = unnamed
        return plan
    }

    @Test func `without a name that is asked for there are no requirements, and so no connection`() throws {
        #expect(try upstream.security(expecting: []) == nil)
    }

    @Test func `an endpoint over TLS of an upstream that nobody knows has no target`() throws {
        let plan = try plan(upstream.unnamed())
        let known = Endpoint(host: "192.0.2.1", port: 443, usesTLS: true, upstream: "users")
        let unknown = Endpoint(host: "192.0.2.1", port: 443, usesTLS: true, upstream: "orders")
        #expect(UpstreamTarget(known, at: address, by: plan)?.security?.name == "users")
        #expect(UpstreamTarget(unknown, at: address, by: plan) == nil)
    }

    @Test func `an endpoint from elsewhere has a target where something can verify it`() throws {
        let endpoint = Endpoint(host: "192.0.2.1", port: 443, usesTLS: true)
        #expect(UpstreamTarget(endpoint, at: address, by: try plan()) == nil)
        let target = UpstreamTarget(endpoint, at: address, by: try plan(upstream.unnamed()))
        #expect(target?.security?.expectedNames == [.address(try IPAddress(parsing: "192.0.2.1"))])
        #expect(target?.security?.serverName == nil)
    }

    @Test func `server_cert_domain_san takes the place of host and trust domain`() throws {
        let plan = try plan(upstream.unnamed(trustDomain: "example.org"))
        func names(_ san: String?) -> [PeerNameRequirement]? {
            plan.security(
                of: Endpoint(host: "a.example", port: 443, serverCertDomainSAN: san, usesTLS: true)
            )?.expectedNames
        }
        let host = PeerNameRequirement.dns(try HostName(parsing: "a.example"))
        let domain = PeerNameRequirement.trustDomain(try TrustDomain(parsing: "example.org"))
        #expect(names(nil) == [domain, host])
        #expect(names("") == [domain, host])
        #expect(names("b.example") == [.dns(try HostName(parsing: "b.example"))])
        #expect(names("spiffe://x.org/y") == [.spiffe(try SPIFFEID(parsing: "spiffe://x.org/y"))])
        #expect(names("192.0.2.7") == [.address(try IPAddress(parsing: "192.0.2.7"))])
    }

    @Test(arguments: ["spiffe://", "spiffe://x.org/../y", "two words", "*.example", "a..b", "\u{0}"])
    func `a name that is none leaves no way to the endpoint`(san: String) throws {
        let endpoint = Endpoint(host: "192.0.2.1", port: 443, serverCertDomainSAN: san, usesTLS: true)
        #expect(UpstreamTarget(endpoint, at: address, by: try plan(upstream.unnamed())) == nil)
    }

    @Test func `with neither host nor trust domain to verify there is no way either`() throws {
        let endpoint = Endpoint(host: "192.0.2.1", port: 443, usesTLS: true)
        let plan = try plan(upstream.unnamed(verifiesHostname: false))
        #expect(UpstreamTarget(endpoint, at: address, by: plan) == nil)
    }

    @Test func `targets are shared only by endpoints of which the same is asked`() throws {
        var plan = try plan()
        plan.named["orders"] = try upstream.security(
            "orders",
            expecting: [.address(try IPAddress(parsing: "192.0.2.1"))]
        )
        func target(_ name: String?) -> UpstreamTarget? {
            let endpoint = Endpoint(host: "192.0.2.1", port: 443, usesTLS: name != nil, upstream: name)
            return UpstreamTarget(endpoint, at: address, by: plan)
        }
        #expect(target("users") == target("users"))
        #expect(target("users") != target("orders"))
        #expect(target("users") != target(nil))
        #expect(target(nil) == target(nil))
    }
}
