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

    /// Whether the upstream's certificate must be for the host of its URL.
    package var verifiesHostname: Bool?

    /// Whether a call goes out without mutual TLS when it cannot be had.
    package var allowsFallback: Bool?

    /// Nothing differs.
    package init() {}
}

extension UpstreamMutualTLS {
    /// Reads the mapping.
    ///
    /// ## Configuration keys
    /// - `enabled`, `verify_hostname`, `allow_fallback` (boolean)
    /// - `trust_domain` (SPIFFE trust domain), `service_name`, `namespace` (name)
    static func read(_ value: ValueReader) -> UpstreamMutualTLS? {
        value.mapping("the keys of an upstream's \"mtls\"") { reader in
            var mtls = UpstreamMutualTLS()
            mtls.isEnabled = reader.value("enabled")?.boolean()
            mtls.trustDomain = reader.value("trust_domain")?
                .parsed("a SPIFFE trust domain", TrustDomain.init(parsing:))
            mtls.serviceName = reader.value("service_name")?.identityName("a service name")
            mtls.namespace = reader.value("namespace")?.identityName("a namespace")
            mtls.verifiesHostname = reader.value("verify_hostname")?.boolean()
            mtls.allowsFallback = reader.value("allow_fallback")?.boolean()
            if mtls.allowsFallback == true {
                reader.value("allow_fallback")?.warn("the key has no effect: no upstream is connected to over TLS")
            }
            return mtls
        }
    }
}
