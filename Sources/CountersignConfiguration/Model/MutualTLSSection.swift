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
    /// - `trust_bundle_path` (path that is written, optional)
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
            if let path = reader.value("trust_bundle_path") {
                section.trustBundlePath = path.path()
                section.trustBundlePlace = path.place
            }
            section.verifiesHostname = reader.boolean("verify_hostname", default: section.verifiesHostname)
            if !section.verifiesHostname {
                reader.value("verify_hostname")?.warn("the key has no effect: no upstream is connected to over TLS")
            }
            section.allowsFallback = reader.boolean("allow_fallback", default: section.allowsFallback)
            if section.allowsFallback {
                reader.value("allow_fallback")?.warn("the key has no effect: no upstream is connected to over TLS")
            }
            return section
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
