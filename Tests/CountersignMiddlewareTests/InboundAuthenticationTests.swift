import CountersignMiddleware
import CountersignPKI
import Glibc
import Testing

@Suite struct InboundAuthenticationTests {
    private static let domain = "spiffe://test.local"
    private let issuer: IssuingAuthority
    private let now = Int64(time(nil))

    init() throws {
        issuer = try .ephemeral(trustDomain: try TrustDomain(parsing: "test.local"), now: now)
    }

    private func issue(_ service: String) throws -> IssuedIdentity {
        let profile = try CertificateProfile.workload(
            trustDomain: try TrustDomain(parsing: "test.local"),
            namespace: "default",
            service: service
        )
        return try issuer.issue(profile, key: .p256, now: now)
    }

    /// How the handshake of a client would end.
    private func client(_ service: String = "orders") throws -> Result<VerifiedPeer, ChainRejection> {
        let trust = try TrustStore(pem: issuer.trustBundlePEM)
        let chain = UnverifiedPeerChain(derCertificates: try issue(service).certificate.chainDER)
        return ChainVerifier(trust: trust, purpose: .client).verify(chain, atUnixSeconds: now)
    }

    private func call(
        _ client: Result<VerifiedPeer, ChainRejection>? = nil,
        from address: String = "192.0.2.7",
        path: String = "/v1/things?secret=1",
        fields: [String: [String]] = [:]
    ) throws -> InboundCall {
        InboundCall(
            address: try IPAddress(parsing: address),
            method: "GET",
            host: "orders.test",
            target: path,
            client: client,
            values: { fields[$0.lowercased()] ?? [] }
        )
    }

    private func code(_ result: Result<InboundCaller, InboundRefusal>) -> String? {
        if case .failure(let refusal) = result { refusal.code } else { nil }
    }

    @Test func aCertificateOfTheConnectionNamesTheCaller() throws {
        let authentication = try InboundAuthentication(InboundConfiguration(mode: .mtlsOnly))
        let (result, audit) = authentication.authenticate(try call(try client()))
        let caller = try result.get()
        #expect(caller.name == "\(Self.domain)/ns/default/sa/orders")
        #expect(caller.service == "orders" && caller.waived == nil)
        #expect(caller.thumbprint?.utf8.count == 64)
        #expect(audit.isSuccess && audit.caller == caller.name && audit.path == "/v1/things")
    }

    @Test func withoutOneTheRequestIsRefused() throws {
        let authentication = try InboundAuthentication(InboundConfiguration(mode: .mtlsOnly))
        let (result, audit) = authentication.authenticate(try call())
        guard case .failure(let refusal) = result else {
            Issue.record("nobody passed")
            return
        }
        #expect(refusal.status == 401 && refusal.code == "certificate_missing")
        #expect(refusal.challenge.hasPrefix("Bearer "))
        #expect(String(decoding: refusal.body, as: UTF8.self).contains("\"status\":401"))
        #expect(!audit.isSuccess && audit.reason == "certificate_missing" && audit.caller == nil)
    }

    @Test func aCertificateThatIsNoLongerGoodIsNotMissing() throws {
        let authentication = try InboundAuthentication(InboundConfiguration(mode: .mtlsOnly))
        let expired = ChainRejection(.expired, "the certificate has expired")
        let shown = try client().get()
        var call = try call(.failure(expired))
        call.shown = shown
        let (result, audit) = authentication.authenticate(call)
        #expect(code(result) == "certificate_expired")
        #expect(audit.reason == "certificate_expired" && audit.caller == nil)
        #expect(audit.thumbprint == Hexadecimal.text(of: try ParsedCertificate(der: shown.leafDER).sha256))
        // What was shown is no proof.
        call.client = nil
        #expect(code(authentication.authenticate(call).result) == "certificate_missing")
    }

    @Test func aForwardedCertificateCountsFromATrustedProxyAlone() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.trustedProxies = ["192.0.2.0/24"]
        let authentication = try InboundAuthentication(configuration)
        let body = try issue("orders").certificatePEM.split(separator: "\n").dropFirst().dropLast().joined()
        let fields = ["x-forwarded-client-cert": [body]]
        let (accepted, _) = authentication.authenticate(try call(fields: fields))
        #expect(try accepted.get().service == "orders")
        let (refused, audit) = authentication.authenticate(try call(from: "198.51.100.1", fields: fields))
        #expect(code(refused) == "certificate_missing")
        #expect(audit.ignoredForwarded)
    }

    @Test func anAuthorityVouchesForItsOwnTrustDomainAlone() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.trustedProxies = ["192.0.2.0/24"]
        let chain = try issue("orders").certificatePEM.split(separator: "\n").dropFirst().dropLast().joined()
        let request = try call(fields: ["x-forwarded-client-cert": [chain]])
        configuration.trustDomainAuthoritiesPEM = ["test.local": issuer.trustBundlePEM]
        let own = try InboundAuthentication(configuration).authenticate(request).result
        #expect(try own.get().service == "orders")
        configuration.trustDomainAuthoritiesPEM = ["other.local": issuer.trustBundlePEM]
        #expect(code(try InboundAuthentication(configuration).authenticate(request).result) == "certificate_untrusted")
        let other = try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: "other.local"), now: now)
        configuration.trustDomainAuthoritiesPEM = [:]
        configuration.forwardedCertificateAuthoritiesPEM = issuer.trustBundlePEM + other.trustBundlePEM
        #expect(code(try InboundAuthentication(configuration).authenticate(request).result) == "certificate_untrusted")
        configuration.forwardedCertificateAuthoritiesPEM = issuer.trustBundlePEM
        #expect(code(try InboundAuthentication(configuration).authenticate(request).result) == nil)
    }

    @Test func theAllowListNamesWhoMayCall() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.serviceTrustDomain = "test.local"
        configuration.allowList = [AllowedCall(from: "orders", methods: ["GET"], paths: ["/v1/*"])]
        let authentication = try InboundAuthentication(configuration)
        #expect(code(authentication.authenticate(try call(try client())).result) == nil)
        let elsewhere = try call(try client(), path: "/v2/things")
        #expect(code(authentication.authenticate(elsewhere).result) == "service_not_allowed")
        #expect(code(authentication.authenticate(try call(try client("billing"))).result) == "service_not_registered")
    }

    @Test(arguments: ["test.local", "other.local"], ["default", "sandbox"])
    func aServiceIsNamedInItsTrustDomainAndNamespace(domain: String, namespace: String) throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.serviceTrustDomain = domain
        configuration.serviceNamespace = namespace
        let isHome = domain == "test.local"
        let meant = ["orders": namespace == "default", "default/orders": true, "sandbox/orders": false]
        for (name, isMeant) in meant {
            configuration.allowList = [AllowedCall(from: name)]
            let result = try InboundAuthentication(configuration).authenticate(try call(try client())).result
            #expect(code(result) == (isHome && isMeant ? nil : "service_not_registered"))
        }
    }

    @Test func whatIsNotEnforcedIsSaid() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.isEnforcing = false
        let authentication = try InboundAuthentication(configuration)
        #expect(try authentication.authenticate(try call()).result.get().waived == "certificate_missing")
        configuration.isEnforcing = true
        try authentication.replace(configuration)
        #expect(code(authentication.authenticate(try call()).result) == "certificate_missing")
    }
}
