package import CountersignIdentity

/// Where services are at home that `service_allow_list` names without their SPIFFE ID: the section `authz.service_names`.
package struct ServiceNamesSection: Sendable {
    /// The trust domain.
    package var trustDomain: TrustDomain
    /// The namespace of names without one; a segment of SPIFFE IDs.
    package var namespace: String
}

extension ServiceNamesSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `trust_domain` (SPIFFE trust domain, required)
    /// - `namespace` (segment of a SPIFFE ID, default `default`)
    static func read(_ value: ValueReader) -> ServiceNamesSection? {
        value.mapping("the keys of \"service_names\"") { reader -> ServiceNamesSection? in
            let trustDomain = reader.required("trust_domain", "where the named services are at home")?
                .parsed("a SPIFFE trust domain", TrustDomain.init(parsing:))
            let namespace = reader.value("namespace")?.parsed("a namespace") { text throws(IdentityError) in
                guard !text.contains("/") else { throw IdentityError(.invalidSPIFFEID, "a namespace has no slash") }
                _ = try SPIFFEID(parsing: "spiffe://x/\(text)")
                return text
            }
            guard let trustDomain else { return nil }
            return ServiceNamesSection(trustDomain: trustDomain, namespace: namespace ?? "default")
        }
    }
}
