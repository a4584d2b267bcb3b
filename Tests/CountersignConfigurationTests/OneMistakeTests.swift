import CountersignConfiguration
import CountersignJSON
import Testing

/// One wrong value in a file that is good: nothing else of the file is called wrong.
@Suite struct OneMistakeTests {
    /// What the golden files leave out.
    private static let rest = """
        authority:
          trust_domain: link.internal
          store: { sqlite: run/authority.db, create: true }
          intermediate: { cert_path: pki/int.pem, key_path: pki/int-key.pem }
          retired_intermediates: [{ cert_path: pki/int.pem, key_path: pki/int-key.pem }]
          trust_bundle: pki/ca.pem
          server_names: [ca.link.internal]
          issuance_rate: 20
          crl: { interval: 1h, lifetime: 4h, offline: pki/revoked.crl }
          administrators: [{ spiffe_id: spiffe://link.internal/ns/default/sa/ops, role: operator }]
          cfssl: { auth_keys: { build: { key: "0123456789ABCDEF0123456789ABCDEF" } } }
          profiles: { build: { auth_key: build, ttl: 90d, renew_before: 14d }, default: { ttl: 1h, usage: both, key: p256, countries: DE, organizations: [Link] } }
          services:
            - { name: web, spiffe_id: spiffe://link.internal/web, dns_names: [web.example], ip_addresses: [192.0.2.1],
                owner: pay, provision: false, labels: { tier: "1" }, audiences: [orders], roles: [reader], scopes: ["a:b"] }
          tokens:
            issuer: https://ca.internal
            ttl: 1m
            max_ttl: 10m
            audiences: [everyone]
            key: p384
            keys_path: run/keys.json
            rotation: 1d
            publish_ahead: 10m
            rate: 10
          signer:
            backend: vault
            url: https://ca.internal:8200
            ca_certs: pki/ca.pem
            server_ca_certs: pki/ca.pem
            timeout: 5s
            attempts: 2
            concurrency: 4
            mount: pki
            role: link
            token: s.123456
        authz:
          listen: 127.0.0.1:9191
          inbound_auth_mode: mtls_only
          binding_required_paths: [/a]
          trusted_proxy_cidrs: [192.0.2.0/24]
          mtls_enforce: true
        admin: { listen: 127.0.0.1:9090, token_file: run/admin.token }
        """

    private static let signer = """
        authority:
          trust_domain: link.internal
          store: { sqlite: run/authority.db }
          intermediate: { cert_path: pki/int.pem, key_path: pki/int-key.pem }
          signer:
            backend: cfssl
            url: https://ca.internal:8888
            ca_certs: pki/ca.pem
            cert_path: pki/server.pem
            key_path: pki/server-key.pem
            auth_key: "0123456789ABCDEF0123456789ABCDEF"
            profile: link
            label: one
            names: extension
        """

    private static func good() throws -> [String] {
        let names = ["accepts-router-side", "accepts-authority-side", "accepts-federation"]
        return try GoldenCase.all.filter { names.contains($0.name) }.map { try $0.yaml() } + [rest, signer]
    }

    @Test(arguments: try Self.good()) func `a good file is taken, also as it is written here again`(
        _ yaml: String
    ) throws {
        let document = try #require(ConfigurationDocument(text: yaml, diagnostics: ConfigurationDiagnostics(file: "x")))
        #expect(problems(document.root.json.text) == problems(yaml))
        #expect(problems(yaml) == [])
    }

    @Test(arguments: try Self.good()) func `one value of the wrong kind is called wrong, and no key unknown`(
        _ yaml: String
    ) throws {
        let document = try #require(ConfigurationDocument(text: yaml, diagnostics: ConfigurationDiagnostics(file: "x")))
        let root = document.root.json
        for path in root.paths where !path.isEmpty {
            // Sections that are left out are none of those that are required.
            let found = problems(root.replacing(path, with: .array([.array([.string("wrong")])])).text)
            #expect(!found.isEmpty, "\(path)")
            #expect(!found.contains { $0.contains("unknown key") }, "\(path): \(found)")
            if path.first == "authority" { #expect(found.count == 1, "\(path): \(found)") }
        }
    }

    @Test(arguments: try Self.good()) func `one text that does not fit is called wrong, and no key unknown`(
        _ yaml: String
    ) throws {
        let document = try #require(ConfigurationDocument(text: yaml, diagnostics: ConfigurationDiagnostics(file: "x")))
        let root = document.root.json
        for path in root.paths where !path.isEmpty {
            let found = problems(root.replacing(path, with: .string("\u{E000} ~")).text)
            #expect(!found.contains { $0.contains("unknown key") }, "\(path): \(found)")
        }
    }
}

extension ConfigurationNode {
    /// The value as JSON, which is YAML as well.
    fileprivate var json: JSONValue {
        switch content {
        case .mapping(let entries): .object(entries.map { .init($0.key, $0.value.json) })
        case .sequence(let elements): .array(elements.map(\.json))
        case .scalar(let scalar):
            switch scalar.kind {
            case .integer: Int64(scalar.text).map { .number($0) } ?? .string(scalar.text)
            case .decimal: Double(scalar.text).map { .fraction($0) } ?? .string(scalar.text)
            case .boolean: .bool(scalar.text == "true")
            case .null: .null
            case .string: .string(scalar.text)
            }
        case .refused: .null
        }
    }
}

extension JSONValue {
    /// Where there is something: member names, and positions in arrays.
    fileprivate var paths: [[String]] {
        let below: [[String]] =
            switch self {
            case .object(let members): members.flatMap { member in member.value.paths.map { [member.name] + $0 } }
            case .array(let elements):
                elements.enumerated().flatMap { index, element in element.paths.map { [String(index)] + $0 } }
            default: []
            }
        return [[]] + below
    }

    /// The value with another one at a path.
    fileprivate func replacing(_ path: some Collection<String>, with value: JSONValue) -> JSONValue {
        guard let first = path.first else { return value }
        let rest = path.dropFirst()
        switch self {
        case .object(let members):
            return .object(
                members.map { $0.name == first ? .init($0.name, $0.value.replacing(rest, with: value)) : $0 }
            )
        case .array(let elements):
            return .array(
                elements.enumerated().map { String($0) == first ? $1.replacing(rest, with: value) : $1 }
            )
        default: return self
        }
    }
}
