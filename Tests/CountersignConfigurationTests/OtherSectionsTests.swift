import CountersignConfiguration
import CountersignIdentity
import CountersignRouting
import Testing

@Suite struct OtherSectionsTests {
    @Test func theOwnIdentityHasTheDocumentedDefaults() throws {
        let mtls = try #require(load("mtls: {}").configuration?.mtls)
        #expect(!mtls.isEnabled && mtls.verifiesHostname && !mtls.allowsFallback)
        #expect(mtls.trustDomain?.description == "cluster.local")
        #expect(mtls.serviceName == "router" && mtls.namespace == "default")
        #expect(mtls.certificateLifetime == .seconds(3600))
        #expect(mtls.authorityCertificate == nil && mtls.authorityKey == nil && mtls.trustBundlePath == nil)
    }

    @Test func aFileWithoutASectionHasItsDefaults() throws {
        let configuration = try #require(load("log: { level: debug }").configuration)
        #expect(configuration.router == nil && configuration.nats == nil && configuration.authority == nil)
        #expect(configuration.admin.listen.description == "127.0.0.1:9090")
        #expect(configuration.log.level == .debug && configuration.log.format == .json)
        #expect(!configuration.mtls.isEnabled)
    }

    @Test func tokensWithoutTheirKeysAreToldOfThatAndOfWhatIsUnknownAlone() {
        let told = problems(
            """
            authz:
              listen: 127.0.0.1:9191
              inbound_auth_mode: bearer_only
              tokens: { jwks: pki/issuer.jwks, issuer: "https://issuer.example", audiences: [crud], clock_skew: 30s }
            """
        )
        #expect(told.contains { $0.contains("authz.tokens.keys: the key is missing") }, "\(told)")
        #expect(
            told.contains { $0.contains("authz.tokens.jwks") }
                && told.contains { $0.contains("authz.tokens.clock_skew") }
        )
        #expect(!told.contains { $0.contains("tokens.issuer") || $0.contains("tokens.audiences") }, "\(told)")
    }

    @Test func theBusHasTheDefaultsOfItsKeys() throws {
        let nats = try #require(load("nats: { hosts: [{ hostname: Bus.internal }] }").configuration?.nats)
        #expect(nats.hosts == [.init(hostname: "bus.internal", port: 4222)])
        #expect(nats.user.isEmpty && nats.password == nil && !nats.usesTLS)
        #expect(nats.pruneInterval == .seconds(30) && nats.staleThreshold == .seconds(120))
        #expect(!nats.suspendsPruningWhenUnavailable)
    }

    @Test func profilesAndServicesOfAnAuthorityAreRead() throws {
        let yaml = """
            authority:
              trust_domain: link.internal
              intermediate: { cert_path: pki/int.pem, key_path: pki/int-key.pem }
              store: { sqlite: run/authority.db }
              profiles: { quarter: { ttl: 90d, renew_before: 14d } }
              services: [{ name: a }, { name: b, namespace: n, profile: quarter, owner: team }]
            """
        let authority = try #require(load(yaml).configuration?.authority)
        #expect(authority.domain.description == "link.internal")
        #expect(authority.profiles["default"]?.renewal == .fraction(0.5))
        #expect(authority.profiles["default"]?.lifetime == .seconds(3600))
        #expect(authority.profiles["quarter"]?.renewal == .before(.seconds(14 * 86400)))
        #expect(authority.services.map(\.profile) == ["default", "quarter"])
        #expect(authority.services[1].owner == "team" && authority.services[1].namespace == "n")
        #expect(authority.revocationListInterval == .seconds(3600))
        #expect(authority.certificateDirectory == nil && authority.sweepInterval == .seconds(30))
    }

    @Test func certificatesThatAnAuthorityKeepsAreThoseOfEveryServiceThatDoesNotSayOtherwise() throws {
        let yaml = """
            authority:
              trust_domain: link.internal
              intermediate: { cert_path: pki/int.pem, key_path: pki/int-key.pem }
              store: { sqlite: run/authority.db }
              cert_dir: run/kept-certs
              profiles: { default: { ttl: 10s } }
              services: [{ name: a }, { name: b, provision: false }]
            """
        let authority = try #require(load(yaml).configuration?.authority)
        #expect(authority.certificateDirectory?.hasSuffix("run/kept-certs") == true)
        #expect(authority.services.map(\.isProvisioned) == [true, false])
        #expect(load(yaml.replacing("provision: false", with: "provision: perhaps")).configuration == nil)
        #expect(load(yaml.replacing("ttl: 10s", with: "ttl: 9s")).configuration == nil)
    }

    @Test(arguments: ["services: [{ name: a, spiffe_id: ID }]", "administrators: [{ spiffe_id: ID, role: admin }]"])
    func namesOfAnAuthorityAreOfItsTrustDomain(_ line: String) {
        let yaml = """
            authority:
              trust_domain: link.internal
              intermediate: { cert_path: pki/int.pem, key_path: pki/int-key.pem }
              store: { sqlite: run/authority.db }
              \(line)
            """
        #expect(problems(yaml.replacing("ID", with: "spiffe://link.internal/ops")) == [])
        for other in ["spiffe://other/ops", "spiffe://a.link.internal/ops"] {
            let found = problems(yaml.replacing("ID", with: other))
            #expect(found.count == 1 && found[0].contains("expected a SPIFFE ID of link.internal"), "\(found)")
        }
    }

    @Test func theEnvironmentGoesBeforeTheFile() throws {
        let yaml = """
            authority:
              trust_domain: link.internal
              intermediate: { cert_path: pki/int.pem, key_path: pki/int-key.pem }
              store: { sqlite: run/authority.db }
              profiles: { default: { ttl: 1h, renew_at: 0.3 } }
            agent: { authority: "https://127.0.0.1:8444", cert_dir: certs, ttl: 1h }
            authz: { inbound_auth_mode: mtls_only, tls: { enabled: true } }
            """
        let environment = [
            "CERT_VALIDITY_DAYS": "90", "ROTATION_THRESHOLD_DAYS": "30", "CFSSL_URL": "http://cfssl:8888",
            "TLS_CERT_DIR": "/etc/link-certs", "TLS_ENABLED": "false", "TLS_CA_FILE": "/etc/link-certs/ca.pem",
            "INBOUND_AUTH_MODE": "bearer_only", "BINDING_REQUIRED_PATHS": "/a, /b/*",
            "FORWARDED_CLIENT_CERT_HEADER": "ssl-client-cert", "TRUSTED_PROXY_CIDRS": "172.16.0.0/12,10.0.0.0/8",
            "CERT_IDENTITY_MAPPINGS": "/app/map.yaml",
        ]
        let result = load(yaml, environment: environment)
        #expect(result.problems == [])
        let configuration = try #require(result.configuration)
        let profile = try #require(configuration.authority?.profiles["default"])
        #expect(profile.lifetime == .seconds(90 * 86400) && profile.renewal == .before(.seconds(30 * 86400)))
        let agent = try #require(configuration.agent)
        #expect(agent.authority == nil && agent.cfsslURL?.description == "http://cfssl:8888/")
        #expect(agent.certificateDirectory == "/etc/link-certs" && agent.certificateLifetime == .seconds(90 * 86400))
        let authz = try #require(configuration.authz)
        #expect(authz.inboundMode == .bearerOnly && authz.bindingRequiredPaths.map(\.text) == ["/a", "/b/"])
        #expect(authz.forwardedClientCertHeader == "ssl-client-cert" && authz.trustedProxies.count == 2)
        #expect(authz.identityMappingsPath == "/app/map.yaml" && authz.isEnforcing)
        #expect(!authz.tls.isEnabled && authz.tls.certificateDirectory == "/etc/link-certs")
        #expect(authz.tls.authorityFile == "/etc/link-certs/ca.pem")
    }

    @Test func anEmptyVariableLeavesTheFileAsItIs() throws {
        let yaml = "agent: { authority: \"https://127.0.0.1:8444\", cert_dir: certs }"
        let agent = try #require(load(yaml, environment: ["TLS_CERT_DIR": "", "CFSSL_URL": ""]).configuration?.agent)
        #expect(agent.certificateDirectory == "certs" && agent.authority != nil)
    }
}
