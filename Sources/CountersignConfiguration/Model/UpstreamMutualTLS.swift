package import CountersignIdentity

/// What differs from the section `mtls` for one upstream; what is nil is taken from there.
package struct UpstreamMutualTLS: Sendable {
    /// Whether the upstream is called with this process's certificate.
    package var isEnabled: Bool?

    /// The trust domain that the upstream must be of.
    package var trustDomain: TrustDomain?

    /// The service that the upstream must be.
    package var serviceName: String?

    /// The namespace that the upstream must be of.
    package var namespace: String?

    /// The one name that the upstream's certificate must have, in place of its SPIFFE ID and of the URL's host: a SPIFFE
    /// ID, a DNS name or an IP address.
    package var serverCertDomainSAN: String?

    /// The authorities that vouch for the upstream; when empty, those of the section `mtls`.
    package var authorities: [PEMReference] = []

    /// Whether the upstream's certificate must be for the host of its URL.
    package var verifiesHostname: Bool?

    /// Whether a call goes out in plain text when the upstream does not speak TLS.
    package var allowsFallback: Bool?

    /// Nothing differs.
    package init() {}

    /// Whether anything is said of who the upstream has to be, or how it is verified.
    var asksForTLS: Bool {
        trustDomain != nil || serviceName != nil || serverCertDomainSAN != nil || !authorities.isEmpty
            || verifiesHostname != nil || allowsFallback != nil
    }
}

extension UpstreamMutualTLS {
    /// Reads the mapping.
    ///
    /// ## Configuration keys
    /// - `enabled`, `verify_hostname`, `allow_fallback` (boolean)
    /// - `trust_domain` (SPIFFE trust domain), `service_name`, `namespace` (name)
    /// - `server_cert_domain_san` (SPIFFE ID, DNS name or IP address; excludes the three before)
    /// - `ca_certs` (PEM or a list of them)
    static func read(_ value: ValueReader) -> UpstreamMutualTLS? {
        value.mapping("the keys of an upstream's \"mtls\"") { reader in
            var mtls = UpstreamMutualTLS()
            mtls.isEnabled = reader.value("enabled")?.boolean()
            mtls.trustDomain = reader.value("trust_domain")?
                .parsed("a SPIFFE trust domain", TrustDomain.init(parsing:))
            mtls.serviceName = reader.value("service_name")?.identityName("a service name")
            mtls.namespace = reader.value("namespace")?.identityName("a namespace")
            mtls.serverCertDomainSAN = readName(reader)
            mtls.authorities = reader.value("ca_certs")?.pems(.certificates) ?? []
            mtls.verifiesHostname = reader.value("verify_hostname")?.boolean()
            mtls.allowsFallback = reader.value("allow_fallback")?.boolean()
            if mtls.allowsFallback == true { reader.value("allow_fallback")?.warn(fallbackWarning) }
            if mtls.namespace != nil, mtls.serviceName == nil {
                reader.value("namespace")?.fail(
                    "namespace needs service_name: together they are the upstream's SPIFFE ID"
                )
            }
            return mtls
        }
    }

    private static func readName(_ reader: MappingReader) -> String? {
        guard let value = reader.value("server_cert_domain_san") else { return nil }
        for key in ["trust_domain", "service_name", "namespace", "verify_hostname"] where reader.value(key) != nil {
            value.fail(
                "server_cert_domain_san and \(key) exclude each other: it is all that the certificate is measured by"
            )
            return nil
        }
        return value.parsed("a SPIFFE ID, a DNS name or an IP address") { text throws(IdentityError) in
            if text.hasPrefix("spiffe://") { return try SPIFFEID(parsing: text).description }
            if let address = try? IPAddress(parsing: text) { return address.description }
            return try HostName(parsing: text).description
        }
    }

    static let fallbackWarning =
        "requests go out in plain text, and their answers are believed, where an upstream does not speak TLS; whoever can "
        + "answer in its place has only to pretend that"
}
