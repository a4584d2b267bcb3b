import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI

/// What the name of a role stands for: a registered service, or else a profile, which all its services share.
///
/// Where a service and a profile have one name the service is meant, as it allows less.
enum VaultRole: Sendable {
    /// Certificates for that service alone.
    case service(ServiceRegistration, IssuanceProfile)
    /// Certificates for the services of that profile, told by the names that a request has.
    case profile(IssuanceProfile)

    /// The role of that name.
    ///
    /// - Throws: ``VaultError`` with status 400.
    init(_ name: String, _ engine: AuthorityEngine) throws(VaultError) {
        guard let role = try Self.known(name, engine) else {
            throw VaultError(400, "unknown role: \(PrintableText.escaped(String(name.prefix(128))))")
        }
        self = role
    }

    /// The role of that name; nil when there is none.
    static func known(_ name: String, _ engine: AuthorityEngine) throws(VaultError) -> VaultRole? {
        do {
            if let service = engine.registry.services[name] {
                return .service(service, try engine.profile(service.profile))
            }
            return try engine.settings.profiles[name].map { _ throws(AuthorityError) in
                .profile(try engine.profile(name))
            }
        } catch {
            throw VaultError(error)
        }
    }

    /// The names of all roles, in order.
    static func names(_ engine: AuthorityEngine) -> [String] {
        Set(engine.registry.services.keys).union(engine.settings.profiles.keys).sorted()
    }

    /// The issuance profile that certificates follow.
    var profile: IssuanceProfile {
        switch self {
        case .service(_, let profile), .profile(let profile): profile
        }
    }

    /// The services whose names certificates may carry, in order.
    func services(_ engine: AuthorityEngine) -> [ServiceRegistration] {
        switch self {
        case .service(let service, _): [service]
        case .profile(let profile):
            engine.registry.services.values.filter { $0.profile == profile.name }.sorted { $0.name < $1.name }
        }
    }

    /// The role as the API describes it; of a profile with very many services, the names of the first.
    func json(_ engine: AuthorityEngine) -> JSONValue {
        let services = services(engine).prefix(Self.mostServices)
        let (keyType, keyBits, needsEncipherment) = Self.key(profile.keyKind)
        var uses: [String] = []
        if profile.usage != .client { uses.append("ServerAuth") }
        if profile.usage != .server { uses.append("ClientAuth") }
        return .object([
            .init("issuer_ref", .string("default")),
            .init("allowed_domains", .strings(services.flatMap(\.dnsNames))),
            .init("allow_bare_domains", .bool(true)),
            .init("allow_subdomains", .bool(false)),
            .init("allow_glob_domains", .bool(false)),
            .init("allow_wildcard_certificates", .bool(false)),
            .init("allow_any_name", .bool(false)),
            .init("allow_localhost", .bool(false)),
            .init("allow_ip_sans", .bool(services.contains { !$0.addresses.isEmpty })),
            .init("allowed_uri_sans", .strings(services.map(\.spiffeID.description))),
            .init("allowed_other_sans", .array([])),
            .init("enforce_hostnames", .bool(true)),
            .init("require_cn", .bool(false)),
            .init("server_flag", .bool(profile.usage != .client)),
            .init("client_flag", .bool(profile.usage != .server)),
            .init("code_signing_flag", .bool(false)),
            .init("email_protection_flag", .bool(false)),
            .init("key_type", .string(keyType)),
            .init("key_bits", .number(keyBits)),
            .init("key_usage", .strings(["DigitalSignature"] + (needsEncipherment ? ["KeyEncipherment"] : []))),
            .init("ext_key_usage", .strings(uses)),
            .init("ttl", .number(profile.lifetimeSeconds)),
            .init("max_ttl", .number(profile.lifetimeSeconds)),
            .init("not_before_duration", .number(profile.backdateSeconds)),
            .init("use_csr_common_name", .bool(true)),
            .init("use_csr_sans", .bool(true)),
            .init("country", .strings(profile.countries)),
            .init("organization", .strings(profile.organizations)),
            .init("ou", .strings(profile.organizationalUnits)),
            .init("basic_constraints_valid_for_non_ca", .bool(true)),
            .init("generate_lease", .bool(false)),
            .init("no_store", .bool(false)),
        ])
    }

    /// Key type, bits, and whether keys of the kind encipher keys.
    private static func key(_ kind: PrivateKey.Kind) -> (type: String, bits: Int64, enciphers: Bool) {
        switch kind {
        case .p256: ("ec", 256, false)
        case .p384: ("ec", 384, false)
        case .rsa2048: ("rsa", 2048, true)
        case .rsa3072: ("rsa", 3072, true)
        case .rsa4096: ("rsa", 4096, true)
        }
    }

    private static let mostServices = 1000
}
