package import CountersignIdentity

/// The certificate authority: the section `authority`.
package struct AuthoritySection: Sendable {
    /// The trust domain that the authority issues for.
    package var trustDomain: TrustDomain

    /// The domain of the DNS names in certificates: `{service}.{domain}`.
    package var domain: HostPattern

    /// Where the native API is served over mutual TLS.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 8444)

    /// Where revocation lists, OCSP and bundles are served over plain HTTP; nil when they are not.
    package var publicListen: ListenAddress?

    /// The URL under which others reach ``publicListen``; certificates carry it.
    package var publicURL: ServiceURL?

    /// The intermediate certificate that signs, and its key; nil only when the file is refused.
    package var intermediate: CertificateSection?

    /// Former intermediates that sign no certificate any more and go on answering for those that they have signed.
    package var retiredIntermediates: [CertificateSection] = []

    /// Where certificates, services and audit records are kept.
    package var store: AuthorityStore

    /// How many connections each listener has at once.
    package var maximumConnections = Self.defaultMaximumConnections

    /// Who signs the certificates of services.
    package var signer = SignerSection.local

    /// The CFSSL-compatible API; nil when it is not served.
    package var cfssl: CFSSLSection?

    /// The Vault-compatible API; nil when it is not served.
    package var vault: VaultSection?

    /// The control plane of routers; nil when it is not served.
    package var control: ControlPlaneSection?

    /// How tokens are issued; nil when none are.
    package var tokens: TokenIssuanceSection?

    /// The profiles by name; `default` is always there.
    package var profiles: [String: CertificateProfileSection] = ["default": CertificateProfileSection()]

    /// The services that get certificates.
    package var services: [RegisteredServiceSection] = []

    /// How often a revocation list is signed and published.
    package var revocationListInterval = Duration.seconds(3600)

    /// How long a revocation list may be relied upon.
    package var revocationListLifetime = Duration.seconds(3 * 3600)

    /// Where certificates of services are kept whose keys the authority makes; nil when it keeps none.
    package var certificateDirectory: String?

    /// How often certificates are looked at for renewal.
    package var sweepInterval = Duration.seconds(30)

    /// The trusted roots; nil for the topmost certificate of ``intermediate``.
    package var trustBundle: PEMReference?

    /// Lists that authorities above the intermediate sign offline, and that are handed out beside its own.
    package var offlineRevocationLists: [PEMReference] = []

    /// Names under which clients reach ``listen``, besides its address.
    package var serverNames: [String] = []

    /// Those who may administer the authority with a certificate.
    package var administrators: [AdministratorSection] = []

    /// Certificates that one service or agent may have in a second, on average; twenty times as many at once.
    package var issuanceRate = 50

    /// ``maximumConnections`` where nothing is said.
    package static let defaultMaximumConnections = 10_000

    /// Where the section stands in the file.
    package var place = ConfigurationPlace.wholeFile("")

    /// Makes an authority with the defaults.
    package init(trustDomain: TrustDomain, domain: HostPattern, store: AuthorityStore) {
        self.trustDomain = trustDomain
        self.domain = domain
        self.store = store
    }
}

extension AuthoritySection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `trust_domain` (SPIFFE trust domain, required), `domain` (DNS domain, default: the trust domain)
    /// - `listen` (IP address and port, default `127.0.0.1:8444`)
    /// - `public_listen` (IP address and port, optional), `public_url` (URL, required with it)
    /// - `intermediate` (`cert_path` and `key_path`, PEM; or the environment's `MTLS_INTERMEDIATE_CA_CERT_PEM` and
    ///   `MTLS_INTERMEDIATE_CA_KEY_PEM`), `retired_intermediates` (list of such pairs, default empty)
    /// - `max_connections` (of each listener, 16...1000000, default 10000)
    /// - `store` (`sqlite` or `postgres`, required), `cfssl`, `vault`, `signer`,
    ///   `control` and `tokens` (mappings, optional)
    /// - `profiles` (mapping of names, default: `default` alone), `services` (list, default empty)
    /// - `crl` (mapping with `interval`, 1m...7d, default 1h, `lifetime`, more than it and at most 30d, default
    ///   three intervals, and `offline`, PEM or a list of them, optional)
    /// - `cert_dir` (path, optional), `sweep_interval` (1s...1d, default 30s), `trust_bundle` (PEM, optional)
    /// - `issuance_rate` (1...10000 a second, default 50)
    /// - `server_names` (list of DNS names, default empty), `administrators` (list, default empty)
    static func read(_ value: ValueReader) -> AuthoritySection? {
        value.mapping("the keys of \"authority\"") { reader in
            let trustDomain = reader.required("trust_domain", "the SPIFFE trust domain that is issued for")?
                .parsed("a SPIFFE trust domain", TrustDomain.init(parsing:))
            let domain = readDomain(reader, trustDomain: trustDomain)
            let store = reader.required("store", "as in { sqlite: run/authority.db }").flatMap(AuthorityStore.read)
            let intermediate = readIntermediate(reader)
            let retired = readRetired(reader)
            let cfssl = reader.value("cfssl")
            let profiles = readProfiles(reader, keys: CFSSLSection.keyNames(cfssl))
            let services = readServices(reader, profiles: profiles, trustDomain: trustDomain)
            let addresses = readAddresses(reader)
            let lists = readRevocationLists(reader)
            let sweep = reader.duration("sweep_interval", default: .seconds(30), in: .seconds(1) ... .seconds(86_400))
            let connections = reader.integer("max_connections", default: defaultMaximumConnections, in: 16...1_000_000)
            let bundle = reader.value("trust_bundle")?.pem(.certificates)
            let names = readServerNames(reader)
            let administrators = readAdministrators(reader, trustDomain: trustDomain)
            let vault = reader.value("vault").flatMap(VaultSection.read)
            let signer = reader.value("signer").flatMap(SignerSection.read)
            let directory = reader.value("cert_dir")?.path()
            let control = reader.value("control").flatMap(ControlPlaneSection.read)
            let hasPublicURL = reader.has("public_url")
            let tokens = reader.value("tokens").flatMap { value in
                TokenIssuanceSection.read(value, hasPublicURL: hasPublicURL)
            }
            let rate = reader.integer("issuance_rate", default: 50, in: 1...10_000)
            let readCFSSL = cfssl.flatMap(CFSSLSection.read)
            // Not before everything was read: what is not asked for is unknown.
            guard let trustDomain, let domain, let store else { return nil }
            var section = AuthoritySection(trustDomain: trustDomain, domain: domain, store: store)
            section.listen = addresses.listen ?? section.listen
            section.publicListen = addresses.publicListen
            section.publicURL = addresses.publicURL
            section.maximumConnections = connections
            section.intermediate = intermediate
            section.retiredIntermediates = retired
            section.cfssl = readCFSSL
            section.vault = vault
            section.control = control
            section.tokens = tokens
            section.signer = signer ?? section.signer
            section.profiles = profiles.values
            section.services = services
            if let lists {
                section.revocationListInterval = lists.interval
                section.revocationListLifetime = lists.lifetime
                section.offlineRevocationLists = lists.offline
            }
            section.certificateDirectory = directory
            section.sweepInterval = sweep
            section.trustBundle = bundle
            section.serverNames = names
            section.administrators = administrators
            section.issuanceRate = rate
            section.place = reader.place
            return section
        }
    }

    private static func readRevocationLists(
        _ reader: MappingReader
    ) -> (interval: Duration, lifetime: Duration, offline: [PEMReference])? {
        reader.value("crl")?.mapping("\"interval\", \"lifetime\" and \"offline\"") { crl in
            let interval = crl.duration("interval", default: .seconds(3600), in: .seconds(60) ... .seconds(604_800))
            let lifetime = crl.duration("lifetime", default: interval * 3, in: .seconds(60) ... .seconds(2_592_000))
            if lifetime <= interval {
                crl.value("lifetime")?.fail(
                    "a list has to live longer than the interval after which the next one comes"
                )
            }
            return (interval, lifetime, crl.value("offline")?.pems(.revocationLists) ?? [])
        }
    }

    private static func readServerNames(_ reader: MappingReader) -> [String] {
        reader.value("server_names")?.list(of: "DNS names", atMost: 20)?.compactMap { value in
            value.parsed("a DNS name", HostPattern.init(parsing:))?.description
        } ?? []
    }

    private static func readAdministrators(
        _ reader: MappingReader,
        trustDomain: TrustDomain?
    ) -> [AdministratorSection] {
        reader.value("administrators")?.list(of: "administrators", atMost: 1000)?
            .compactMap { AdministratorSection.read($0, trustDomain: trustDomain) } ?? []
    }

    private static func readDomain(_ reader: MappingReader, trustDomain: TrustDomain?) -> HostPattern? {
        guard let value = reader.value("domain") else {
            return trustDomain.flatMap { try? HostPattern(parsing: $0.name) }
        }
        guard let pattern = value.parsed("a DNS domain", HostPattern.init(parsing:)) else { return nil }
        guard !pattern.isWildcard else {
            value.fail("expected a DNS domain without \"*\"")
            return nil
        }
        return pattern
    }

    private static func readAddresses(
        _ reader: MappingReader
    ) -> (listen: ListenAddress?, publicListen: ListenAddress?, publicURL: ServiceURL?) {
        let listen = reader.value("listen")?.parsed("an address", ListenAddress.init(parsing:))
        let publicListen = reader.value("public_listen")
        let publicURL = reader.value("public_url")
        if let publicListen, publicURL == nil {
            publicListen.fail("public_listen needs public_url, the URL that certificates carry for it")
        }
        return (
            listen,
            publicListen?.parsed("an address", ListenAddress.init(parsing:)),
            publicURL?.parsed("a URL", ServiceURL.init(parsing:))
        )
    }
}
