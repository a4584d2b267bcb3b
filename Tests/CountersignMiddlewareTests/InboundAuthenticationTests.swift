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
            fieldNames: Array(fields.keys),
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

    @Test func `what clients say of certificates is foreign, and what trusted proxies say is not`() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.trustedProxies = ["192.0.2.0/24"]
        configuration.forwardedClientCertificateHeader = "Client-Cert"
        let authentication = try InboundAuthentication(configuration)
        let (proxy, client) = (try IPAddress(parsing: "192.0.2.1"), try IPAddress(parsing: "198.51.100.1"))
        let names = [
            "Client-Cert", "client_cert", "X-Forwarded-Client-Cert", "ssl-client-verify", "ssl-client-fingerprint",
            "X-SSL-Client-Cert", "X-Client-Cert-Thumbprint", "X-Countersign-Identity", "X_Countersign_Service",
            "X-XFCC",
            "X-Client-DN", "X-SPIFFE-ID", "X-ARR-ClientCert", "x-amzn-mtls-clientcert", "Cf-Cert-Issuer",
            "l5d-client-id",
        ]
        for name in names {
            #expect(authentication.isForeign(name, from: client) && authentication.isForeign(name, from: nil))
            #expect(!authentication.isForeign(name, from: proxy))
        }
        for name in ["Authorization", "X-Forwarded-For", "X-Our-Cert"] {
            #expect(!authentication.isForeign(name, from: client))
        }
        configuration.forwardedClientCertificateHeader = "X-Our-Cert"
        configuration.forwardedClientCertificateFormat = .traefik
        try authentication.replace(configuration)
        #expect(authentication.isForeign("x_our_cert", from: client))
    }

    @Test(arguments: ["X_Forwarded_Client_Cert", "X_Countersign_Identity", "ssl.client.cert"])
    func aNameThatServersTakeForAProxysIsRefusedFromAProxy(name: String) throws {
        let authentication = try InboundAuthentication(forwarding { $0.forwardedCertificateAuthoritiesPEM = nil })
        let own = try forwardedFields(try issue("orders"))
        let disguised = own.merging([name: ["x"]]) { $1 }
        let (result, audit) = authentication.authenticate(try call(fields: disguised))
        #expect(code(result) == "invalid_request" && audit.reason == "invalid_request")
        #expect(code(authentication.authenticate(try call(fields: own)).result) == nil)
        // From anybody else it reaches nothing behind the check, which looks at the connection alone.
        let direct = try call(try client(), from: "198.51.100.1", fields: disguised)
        #expect(code(authentication.authenticate(direct).result) == nil)
        #expect(authentication.isForeign(name, from: try IPAddress(parsing: "198.51.100.1")))
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

    @Test func whatNobodyVerifiedIsNotHandedOn() throws {
        let stranger = try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: "prod.example"), now: now)
        let profile = try CertificateProfile.workload(
            trustDomain: try TrustDomain(parsing: "prod.example"),
            namespace: "ops",
            service: "root"
        )
        let forged = try forwardedFields(try stranger.issue(profile, key: .p256, now: now))
        let configuration = forwarding { $0.isEnforcing = false }
        let authentication = try InboundAuthentication(configuration)
        let (result, audit) = authentication.authenticate(try call(fields: forged))
        let nobody = try result.get()
        #expect(nobody.waived == "certificate_untrusted" && nobody.name == nil && nobody.spiffeID == nil)
        #expect(nobody.arn == nil && nobody.service == nil && nobody.thumbprint == nil)
        #expect(audit.isSuccess && audit.reason == "certificate_untrusted" && audit.caller == nil)
        let (own, kept) = authentication.authenticate(try call(fields: try forwardedFields(try issue("orders"))))
        #expect(
            try own.get().name == "\(Self.domain)/ns/default/sa/orders"
                && kept.caller == "\(Self.domain)/ns/default/sa/orders"
        )
    }

    /// A configuration that believes a proxy about certificates of the issuer.
    private func forwarding(_ change: (inout InboundConfiguration) -> Void = { _ in }) -> InboundConfiguration {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.trustedProxies = ["192.0.2.0/24"]
        configuration.forwardedCertificateAuthoritiesPEM = issuer.trustBundlePEM
        change(&configuration)
        return configuration
    }

    private func forwardedFields(_ leaf: IssuedIdentity) throws -> [String: [String]] {
        ["x-forwarded-client-cert": [leaf.certificatePEM.split(separator: "\n").dropFirst().dropLast().joined()]]
    }

    private func list(_ revoked: [IssuedIdentity], until end: Int64? = nil) throws -> String {
        let entries = revoked.map {
            RevocationListContent.Entry(
                serialNumber: $0.certificate.serialNumber,
                date: now - 60,
                reason: .keyCompromise
            )
        }
        let content = RevocationListContent(
            number: 1,
            thisUpdate: now - 60,
            nextUpdate: end ?? now + 600,
            entries: entries
        )
        return PEMBlock(label: "X509 CRL", der: try issuer.revocationList(content)).text
    }

    @Test func revokedCertificatesOfProxiesAreRefusedAndListsAreExchanged() throws {
        let (good, bad) = (try issue("orders"), try issue("orders"))
        func codes(_ authentication: InboundAuthentication) throws -> [String?] {
            try [good, bad].map { code(authentication.authenticate(try call(fields: try forwardedFields($0))).result) }
        }
        let before = forwarding { $0.revocationListsPEM = try? list([]) }
        let authentication = try InboundAuthentication(before)
        #expect(try codes(authentication) == [nil, nil])
        try authentication.replace(forwarding { $0.revocationListsPEM = try? list([bad]) })
        #expect(try codes(authentication) == [nil, "certificate_revoked"])
        let stale = forwarding { $0.revocationListsPEM = try? list([], until: now - 1) }
        #expect(throws: InboundConfigurationError.self) { try authentication.replace(stale) }
        #expect(try codes(authentication) == [nil, "certificate_revoked"])
        try authentication.replace(forwarding())
        #expect(try codes(authentication) == [nil, nil])
    }

    @Test func serialNumbersOfTerminatorsAreLookedUp() throws {
        let bad = try issue("orders")
        let configuration = forwarding {
            $0.forwardedCertificateAuthoritiesPEM = nil
            $0.forwardedClientCertificateHeader = "X-Our-Subject"
            $0.forwardedClientCertificateFormat = .terminator
            $0.certificateSerialFormat = .decimal
            $0.revocationListsPEM = try? list([bad])
        }
        let authentication = try InboundAuthentication(configuration)
        func outcome(_ serial: String) throws -> String? {
            let fields = ["x-our-subject": ["CN=orders"], "x-client-cert-serial": [serial]]
            return code(authentication.authenticate(try call(fields: fields)).result)
        }
        let serial = SerialNumber(bad.certificate.serialNumber).decimal
        #expect(try outcome(serial) == "certificate_revoked")
        #expect(try outcome("7") == nil)
    }

    @Test func rulesHaveTheEnvironmentAndSayWhatIsHardlyMeant() throws {
        let path = "/tmp/countersign-mappings-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).yaml"
        defer { unlink(path) }
        func write(_ rules: [String]) throws {
            let file = try #require(fopen(path, "w"))
            fputs("rules:\n" + rules.map { "  - \($0)\n" }.joined(), file)
            fclose(file)
        }
        let rule =
            "{ spiffe_id: \"spiffe://test.local/ns/default/sa/{name}\", arn: \"arn:crud:iam::${ACCOUNT}:service/{name}\" }"
        try write([rule])
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.identityMappingsPath = path
        #expect(throws: InboundConfigurationError.self) { try InboundAuthentication(configuration) }
        try configuration.apply(environment: ["ACCOUNT": "shop"])
        let authentication = try InboundAuthentication(configuration)
        #expect(authentication.warnings.isEmpty)
        #expect(
            try authentication.authenticate(try call(try client())).result.get().arn
                == "arn:crud:iam::shop:service/orders"
        )
        try write([rule, "{ subject: { CN: \"{name}\" }, arn: \"arn:crud:iam::shop:service/{name}\" }"])
        try authentication.replace(configuration)
        #expect(authentication.warnings.count == 1 && authentication.warnings[0].contains("callers of both rules"))
    }

    @Test(arguments: [("0.0.0.0/0", true), ("::/0", true), ("0.0.0.0/1", false), ("127.0.0.1/32", false)])
    func everyAddressAsAProxyIsSaid(block: String, isSaid: Bool) throws {
        let warnings = try InboundAuthentication(forwarding { $0.trustedProxies = [block] }).warnings
        #expect(warnings.contains { $0.contains(block) && $0.contains("every address") } == isSaid)
    }

    @Test func forwardedCertificatesThatNobodyLooksUpAreSaid() throws {
        func isSaid(_ change: @escaping (inout InboundConfiguration) -> Void) throws -> Bool {
            try InboundAuthentication(forwarding(change)).warnings.contains {
                $0.contains("revocationListsPEM is not set")
            }
        }
        let bound = ["test.local": issuer.trustBundlePEM]
        #expect(try isSaid { _ in })
        #expect(try isSaid { ($0.forwardedCertificateAuthoritiesPEM, $0.trustDomainAuthoritiesPEM) = (nil, bound) })
        #expect(try !isSaid { $0.revocationListsPEM = try? list([]) })
        #expect(try !isSaid { $0.trustedProxies = [] })
        // The proxy's word is all there is.
        #expect(try !isSaid { $0.forwardedCertificateAuthoritiesPEM = nil })
        func terminator(_ configuration: inout InboundConfiguration) {
            configuration.forwardedCertificateAuthoritiesPEM = nil
            configuration.forwardedClientCertificateHeader = "X-Client-Cert-Subject"
            configuration.certificateSerialFormat = .decimal
        }
        #expect(try isSaid { terminator(&$0) })
        #expect(
            try !isSaid {
                terminator(&$0)
                $0.revocationListsPEM = try? list([])
            }
        )
    }

    @Test func anAllowListThatNobodyCanFitIsSaid() throws {
        let other = try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: "other.local"), now: now)
        let allowed = AllowedCall(from: "spiffe://test.local/ns/default/sa/orders")
        func warnings(_ domain: String, _ authority: IssuingAuthority) throws -> [String] {
            let configuration = forwarding {
                $0.forwardedCertificateAuthoritiesPEM = nil
                $0.trustDomainAuthoritiesPEM = [domain: authority.trustBundlePEM]
                $0.revocationListsPEM = try? list([])
                $0.allowList = [allowed]
            }
            return try InboundAuthentication(configuration).warnings
        }
        #expect(try warnings("test.local", issuer).isEmpty)
        let said = try warnings("other.local", other)
        #expect(said.count == 1 && said[0].contains("nobody behind a proxy can be spiffe://test.local"))
        let pool = forwarding { $0.forwardedCertificateAuthoritiesPEM = issuer.trustBundlePEM + other.trustBundlePEM }
        #expect(try InboundAuthentication(pool).warnings.contains { $0.contains("several authorities") })
    }
}
