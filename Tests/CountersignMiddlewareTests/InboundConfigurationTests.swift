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

    /// A fault, and words of what is said of it.
    private static let faults: [(words: String, make: @Sendable (inout InboundConfiguration) -> Void)] = [
        ("trusted proxies", { $0.trustedProxies = ["10.0.0.0/33"] }),
        ("begin with \"/\", found \"execute\"", { $0.bindingRequiredPaths = ["execute"] }),
        ("\"/admin*\" is no path", { $0.bindingRequiredPaths = ["/admin*"] }),
        ("begin with \"/\", found \"health\"", { $0.unauthenticatedPaths = ["health"] }),
        ("no format is known", { $0.forwardedClientCertificateHeader = "X-Unheard-Of" }),
        ("1024 to 65536", { $0.maximumCertificateHeaderBytes = 10 }),
        ("/nowhere/mappings.yaml", { $0.identityMappingsPath = "/nowhere/mappings.yaml" }),
        ("allow list: ", { $0.allowList = [AllowedCall(from: "not a name")] }),
        ("any trust domain may have one", { $0.allowList = [AllowedCall(from: "orders")] }),
        ("the trust domain of named services is not said", { $0.allowList = [AllowedCall(from: "shop/orders")] }),
        (
            "service trust domain",
            {
                $0.serviceTrustDomain = "Not A Domain"
                $0.allowList = [AllowedCall(from: "orders")]
            }
        ),
        ("the authorities of test.local", { $0.trustDomainAuthoritiesPEM = ["test.local": "nonsense"] }),
        ("the authorities of forwarded", { $0.forwardedCertificateAuthoritiesPEM = "nonsense" }),
        ("need an audience", { $0.tokens = TokenIssuer(keys: TokenKeys(), issuer: nil, audiences: []) }),
        ("no request would fit \"/a%20b\"", { $0.unauthenticatedPaths = ["/a%20b"] }),
        ("no request would fit \"/health/*\"", { $0.unauthenticatedPaths = ["/health/*"] }),
        ("no request would fit \"/v1/a%20b\"", { $0.allowList = [Self.allowed(paths: ["/v1/a%20b"])] }),
        ("methods such as GET, found \"get\"", { $0.allowList = [Self.allowed(methods: ["GET", "get"])] }),
        ("methods such as GET, found \"\"", { $0.allowList = [Self.allowed(methods: [""])] }),
        ("name the authorities", { $0.revocationListsPEM = "nonsense" }),
        (
            "say which in certificateSerialFormat",
            {
                $0.forwardedClientCertificateHeader = "X-Client-Cert-Subject"
                $0.revocationListsPEM = "nonsense"
            }
        ),
        (
            "the revocation lists: ",
            {
                $0.forwardedClientCertificateHeader = "X-Client-Cert-Subject"
                $0.certificateSerialFormat = .decimal
                $0.revocationListsPEM = "nonsense"
            }
        ),
        (
            "the revocation lists: ",
            {
                $0.forwardedClientCertificateHeader = "X-Client-Cert-Subject"
                $0.certificateSerialFormat = .decimal
                $0.revocationListsPEM = ""
            }
        ),
    ]

    private static func allowed(methods: [String] = [], paths: [String] = []) -> AllowedCall {
        AllowedCall(from: "spiffe://a.example/x", methods: methods, paths: paths)
    }

    @Test(arguments: faults.indices)
    func eachFaultIsRefused(index: Int) throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        _ = try InboundAuthentication(configuration)
        Self.faults[index].make(&configuration)
        let error = #expect(throws: InboundConfigurationError.self) { try InboundAuthentication(configuration) }
        #expect(error?.description.contains(Self.faults[index].words) == true, "\(String(describing: error))")
    }

    @Test func methodsInUpperCaseAndPathsWithAllBelowThemAreTaken() throws {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.allowList = [Self.allowed(methods: ["GET", "PROPFIND"], paths: ["/v1/*"])]
        configuration.tokens = TokenIssuer(keys: TokenKeys(), issuer: nil, audiences: ["orders"])
        configuration.bindingRequiredPaths = ["/admin/*", "/execute"]
        _ = try InboundAuthentication(configuration)
    }
}
