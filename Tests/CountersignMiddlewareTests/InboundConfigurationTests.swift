import CountersignMiddleware
import Testing

@Suite struct InboundConfigurationTests {
    @Test func environmentWinsOverWhatWasSet() throws {
        var configuration = InboundConfiguration(mode: .bearerOnly)
        configuration.unauthenticatedPaths = ["/health"]
        try configuration.apply(environment: [
            "INBOUND_AUTH_MODE": "mtls_only",
            "BINDING_REQUIRED_PATHS": "/execute, /admin",
            "TRUSTED_PROXY_CIDRS": "10.0.0.0/8,fd00::/8",
            "FORWARDED_CLIENT_CERT_HEADER": "ssl-client-cert",
            "CERT_IDENTITY_MAPPINGS": "/etc/mappings.yaml",
            "MTLS_ENFORCE": "false",
        ])
        #expect(configuration.mode == .mtlsOnly)
        #expect(configuration.bindingRequiredPaths == ["/execute", "/admin"])
        #expect(configuration.trustedProxies == ["10.0.0.0/8", "fd00::/8"])
        #expect(configuration.forwardedClientCertificateHeader == "ssl-client-cert")
        #expect(configuration.identityMappingsPath == "/etc/mappings.yaml")
        #expect(!configuration.isEnforcing)
        #expect(configuration.unauthenticatedPaths == ["/health"])
    }

    @Test func whatItDoesNotSayStays() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        try configuration.apply(environment: [:])
        #expect(configuration.mode == .mtlsOnly && configuration.isEnforcing && configuration.trustedProxies.isEmpty)
    }

    @Test(arguments: ["INBOUND_AUTH_MODE", "MTLS_ENFORCE"])
    func wordsWithoutMeaningAreRefused(name: String) {
        var configuration = InboundConfiguration()
        #expect(throws: InboundConfigurationError.self) { try configuration.apply(environment: [name: "perhaps"]) }
    }

    @Test(arguments: InboundMode.allCases.filter { $0 != .mtlsOnly })
    func tokensNeedAnIssuer(mode: InboundMode) {
        #expect(throws: InboundConfigurationError.self) { try InboundAuthentication(InboundConfiguration(mode: mode)) }
    }

    private static let faults: [@Sendable (inout InboundConfiguration) -> Void] = [
        { $0.trustedProxies = ["10.0.0.0/33"] },
        { $0.bindingRequiredPaths = ["execute"] },
        { $0.unauthenticatedPaths = ["health"] },
        { $0.forwardedClientCertificateHeader = "X-Unheard-Of" },
        { $0.maximumCertificateHeaderBytes = 10 },
        { $0.identityMappingsPath = "/nowhere/mappings.yaml" },
        { $0.allowList = [AllowedCall(from: "not a name")] },
        { $0.allowList = [AllowedCall(from: "orders")] },
        { $0.allowList = [AllowedCall(from: "shop/orders")] },
        {
            $0.serviceTrustDomain = "Not A Domain"
            $0.allowList = [AllowedCall(from: "orders")]
        },
        { $0.trustDomainAuthoritiesPEM = ["test.local": "nonsense"] },
        { $0.forwardedCertificateAuthoritiesPEM = "nonsense" },
        { $0.tokens = TokenIssuer(keys: TokenKeys(), issuer: nil, audiences: []) },
        { $0.unauthenticatedPaths = ["/a%20b"] },
        { $0.unauthenticatedPaths = ["/health/*"] },
        { $0.allowList = [AllowedCall(from: "spiffe://a.example/x", paths: ["/v1/a%20b"])] },
        { $0.revocationListsPEM = "nonsense" },
        {
            $0.forwardedClientCertificateHeader = "X-Client-Cert-Subject"
            $0.revocationListsPEM = ""
        },
    ]

    @Test(arguments: faults.indices)
    func eachFaultIsRefused(index: Int) throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        _ = try InboundAuthentication(configuration)
        Self.faults[index](&configuration)
        #expect(throws: InboundConfigurationError.self) { try InboundAuthentication(configuration) }
    }
}
