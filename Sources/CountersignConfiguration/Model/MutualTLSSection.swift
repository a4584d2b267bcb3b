package import CountersignIdentity

/// This process's own identity toward upstreams: the section `mtls`.
package struct MutualTLSSection: Sendable {
    /// Whether the process takes an identity and shows it to upstreams.
    package var isEnabled = false

    /// The trust domain of the identity; nil only when the file gives an invalid one, which refuses the file.
    package var trustDomain: TrustDomain?

    /// The service's name, the last part of the SPIFFE id.
    package var serviceName = "router"

    /// The namespace of the service.
    package var namespace = "default"

    /// How long an issued certificate is valid, from one minute to one year.
    package var certificateLifetime = Duration.seconds(3600)

    /// The certificate of the authority that issues the identity; without it the authority is ephemeral.
    package var authorityCertificate: PEMReference?

    /// The key of ``authorityCertificate``; both are given or neither.
    package var authorityKey: PEMReference?

    /// The identity itself, kept current by something else; excludes ``authorityCertificate``.
    package var certificate: CertificateSection?

    /// Where the Workload API is that the identity comes from; excludes ``certificate`` and ``authorityCertificate``.
    package var workloadAPI: WorkloadAPIPlace?

    /// The authorities that vouch for upstreams; when empty, those of the authority that issues the identity.
    package var upstreamAuthorities: [PEMReference] = []

    /// Where the trust bundle is written for other processes; nil when it is not.
    package var trustBundlePath: String?

    /// Where ``trustBundlePath`` stands in the file.
    package var trustBundlePlace = ConfigurationPlace.section("mtls.trust_bundle_path")

    /// Whether an upstream's certificate must be for the host that was asked for.
    package var verifiesHostname = true

    /// Whether a call goes out without mutual TLS when it cannot be had; every such call is warned about and counted.
    package var allowsFallback = false

    /// The section's defaults.
    package init() {
        trustDomain = try? TrustDomain(parsing: Self.defaultTrustDomain)
    }

    private static let defaultTrustDomain = "cluster.local"
}

extension MutualTLSSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `enabled` (boolean, default false)
    /// - `trust_domain` (SPIFFE trust domain, default `cluster.local`)
    /// - `service_name`, `namespace` (name, defaults `router` and `default`)
    /// - `cert_ttl_secs` (60...31536000 seconds, default 3600)
    /// - `ca_cert_path`, `ca_key_path` (PEM, both or neither)
    /// - `cert_chain`, `private_key` (PEM, both or neither; exclude `ca_cert_path`)
    /// - `ca_certs` (PEM or a list of them; required beside `cert_chain`)
    /// - `workload_api` (`unix:` and a path, or `environment` for what `SPIFFE_ENDPOINT_SOCKET` says; excludes `cert_chain`
    ///   and `ca_cert_path`)
    /// - `trust_bundle_path` (path that is written, optional; excludes `cert_chain`)
    /// - `verify_hostname` (boolean, default true)
    /// - `allow_fallback` (boolean, default false; warned about when true)
    static func read(_ value: ValueReader) -> MutualTLSSection? {
        value.mapping("the keys of \"mtls\"") { reader in
            var section = MutualTLSSection()
            section.isEnabled = reader.boolean("enabled", default: section.isEnabled)
            if let name = reader.value("trust_domain") {
                section.trustDomain = name.parsed("a SPIFFE trust domain", TrustDomain.init(parsing:))
            }
            section.serviceName =
                reader.value("service_name")?.identityName("a service name") ?? section.serviceName
            section.namespace = reader.value("namespace")?.identityName("a namespace") ?? section.namespace
            let seconds = reader.integer("cert_ttl_secs", default: 3600, in: 60...31_536_000)
            section.certificateLifetime = .seconds(seconds)
            readAuthority(from: reader, into: &section)
            readCertificate(from: reader, into: &section)
            readWorkloadAPI(from: reader, into: &section)
            section.upstreamAuthorities = reader.value("ca_certs")?.pems(.certificates) ?? []
            if let path = reader.value("trust_bundle_path") {
                section.trustBundlePath = path.path()
                section.trustBundlePlace = path.place
            }
            section.verifiesHostname = reader.boolean("verify_hostname", default: section.verifiesHostname)
            section.allowsFallback = reader.boolean("allow_fallback", default: section.allowsFallback)
            if section.allowsFallback { reader.value("allow_fallback")?.warn(UpstreamMutualTLS.fallbackWarning) }
            return section
        }
    }

    private static func readCertificate(from reader: MappingReader, into section: inout MutualTLSSection) {
        let chain = reader.value("cert_chain")
        let key = reader.value("private_key")
        let chainPEM = chain?.pem(.certificates)
        let keyPEM = key?.pem(.privateKey)
        switch (chain, key) {
        case (let chain?, nil): chain.fail("cert_chain needs private_key, the key of its first certificate")
        case (nil, let key?): key.fail("private_key needs cert_chain, the certificate that it belongs to")
        default: break
        }
        guard let chain else { return }
        if section.authorityCertificate != nil {
            chain.fail("cert_chain and ca_cert_path exclude each other: the identity is in files or is issued here")
        }
        if reader.value("ca_certs") == nil {
            chain.fail("cert_chain needs ca_certs, the authorities that vouch for upstreams")
        }
        reader.value("trust_bundle_path")?
            .fail("the bundle is that of an authority in ca_cert_path; with cert_chain there is none to write")
        if let chainPEM, let keyPEM { section.certificate = CertificateSection(chain: chainPEM, privateKey: keyPEM) }
    }

    private static func readWorkloadAPI(from reader: MappingReader, into section: inout MutualTLSSection) {
        guard let value = reader.value("workload_api") else { return }
        section.workloadAPI = WorkloadAPIPlace.read(value)
        for key in ["cert_chain", "ca_cert_path"] {
            reader.value(key)?.fail("\(key) and workload_api exclude each other: there is one source of the identity")
        }
        if reader.value("ca_certs") == nil {
            value.fail("workload_api needs ca_certs, the authorities that vouch for upstreams")
        }
    }

    private static func readAuthority(from reader: MappingReader, into section: inout MutualTLSSection) {
        let certificate = reader.value("ca_cert_path")
        let key = reader.value("ca_key_path")
        section.authorityCertificate = certificate?.pem(.certificates)
        section.authorityKey = key?.pem(.privateKey)
        if let certificate, key == nil {
            certificate.fail("ca_cert_path needs ca_key_path; give both, or neither for an ephemeral authority")
        } else if let key, certificate == nil {
            key.fail("ca_key_path needs ca_cert_path; give both, or neither for an ephemeral authority")
        }
    }
}
