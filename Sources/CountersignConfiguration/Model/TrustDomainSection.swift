package import CountersignIdentity

/// Whose authorities may vouch for the SPIFFE IDs of a trust domain: an element of `trust_domains` in
/// `router.domains[]` and `authz`.
package struct TrustDomainSection: Sendable {
    /// The trust domain; nil only when the file gives an invalid one, which refuses the file.
    package var trustDomain: TrustDomain?

    /// The authorities of the trust domain; never empty after reading.
    package var authorities: [PEMReference]

    /// Where the trust domain stands in the file.
    package var place: ConfigurationPlace
}

extension TrustDomainSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `name` (SPIFFE trust domain, required, each once)
    /// - `ca_certs` (PEM or a list of them; required)
    static func read(_ value: ValueReader) -> TrustDomainSection? {
        value.mapping("a trust domain with \"name\" and \"ca_certs\"") { reader in
            let name = reader.required("name", "a SPIFFE trust domain, as in example.org")
            let authorities = reader.required("ca_certs", "the authorities that may issue its SPIFFE IDs")?
                .pems(.certificates)
            return TrustDomainSection(
                trustDomain: name?.parsed("a SPIFFE trust domain", TrustDomain.init(parsing:)),
                authorities: authorities ?? [],
                place: name?.place ?? reader.place
            )
        }
    }

    /// Reads the list; a trust domain that stands twice is reported.
    static func readList(_ value: ValueReader) -> [TrustDomainSection] {
        let values = value.list(of: "trust domains", atMost: 1000)
        if values?.isEmpty == true {
            value.fail("the list is empty; leave it out when callers have no SPIFFE IDs")
        }
        var sections: [TrustDomainSection] = []
        for value in values ?? [] {
            guard let section = read(value) else { continue }
            if let name = section.trustDomain, sections.contains(where: { $0.trustDomain == name }) {
                value.context.diagnostics.error("the trust domain \(name.name) is already there", at: section.place)
            }
            sections.append(section)
        }
        return sections
    }
}
