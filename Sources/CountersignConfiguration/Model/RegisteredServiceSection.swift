package import CountersignIdentity

/// A service that gets certificates: an element of the list `authority.services`.
package struct RegisteredServiceSection: Hashable, Sendable {
    /// The service's name.
    package var name: String

    /// The service's namespace.
    package var namespace: String

    /// The name of the profile of its certificates.
    package var profile: String

    /// Who answers for the service; nil when nobody is named.
    package var owner: String?

    /// The SPIFFE ID; nil for `spiffe://{trust domain}/ns/{namespace}/sa/{name}`.
    package var spiffeID: SPIFFEID?

    /// The DNS names; nil for the service's name and `{name}.{domain}`.
    package var dnsNames: [String]?

    /// The IP addresses.
    package var addresses: [IPAddress] = []

    /// Whether the authority keeps its certificate in `authority.cert_dir`, where there is one.
    package var isProvisioned = true

    /// Free labels.
    package var labels: [String: String] = [:]

    /// What its tokens may say.
    package var tokens = ServiceTokenSection()
}

extension RegisteredServiceSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `name` (name, required), `namespace` (name, default `default`)
    /// - `profile` (a name of `profiles`, default `default`), `owner` (text, optional)
    /// - `spiffe_id` (SPIFFE ID, default `spiffe://{trust_domain}/ns/{namespace}/sa/{name}`)
    /// - `dns_names` (list of DNS names, default `{name}` and `{name}.{domain}`), `ip_addresses` (list, default empty)
    /// - `provision` (boolean, default true), `labels` (mapping of text, at most 32)
    /// - `audiences`, `roles`, `scopes` (lists of texts, at most 32 each, default empty)
    ///
    /// - Parameters:
    ///   - profiles: their names; nil where these are faulty themselves.
    ///   - trustDomain: the authority's; nil where that is faulty itself.
    static func read(
        _ value: ValueReader,
        profiles: [String]?,
        trustDomain: TrustDomain?
    ) -> RegisteredServiceSection? {
        value.mapping("a service with \"name\"") { reader in
            let name = reader.required("name", "the service's name")?.identityName("a service name")
            let namespace = reader.value("namespace")?.identityName("a namespace") ?? "default"
            let owner = reader.value("owner")?.text()
            let profileValue = reader.value("profile")
            let profile = profileValue?.text("the name of a profile") ?? "default"
            if let profiles, !profiles.contains(profile) {
                profileValue?.fail(
                    "there is no profile \(IdentityError.excerpt(of: profile))",
                    suggestion: KeySuggestion.nearest(to: profile, among: profiles)
                )
            }
            let idValue = reader.value("spiffe_id")
            let spiffeID = idValue?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
            if let spiffeID, let trustDomain, spiffeID.trustDomain != trustDomain {
                idValue?.fail("expected a SPIFFE ID of \(trustDomain): the authority issues for no other trust domain")
            }
            let dnsNames = reader.value("dns_names")?.list(of: "DNS names", atMost: 100)?.compactMap { value in
                value.parsed("a DNS name", HostPattern.init(parsing:))?.description
            }
            let addresses = reader.value("ip_addresses")?.list(of: "IP addresses", atMost: 100)?.compactMap { value in
                value.parsed("an IP address", IPAddress.init(parsing:))
            }
            let labels = reader.value("labels").map(readLabels) ?? [:]
            let tokens = ServiceTokenSection.read(reader)
            let isProvisioned = reader.boolean("provision", default: true)
            guard let name else { return nil }
            var section = RegisteredServiceSection(name: name, namespace: namespace, profile: profile, owner: owner)
            section.spiffeID = spiffeID
            section.dnsNames = dnsNames
            section.addresses = addresses ?? []
            section.isProvisioned = isProvisioned
            section.labels = labels
            section.tokens = tokens
            return section
        }
    }

    private static func readLabels(_ value: ValueReader) -> [String: String] {
        let entries = value.entries(of: "labels by name") ?? []
        if entries.count > maximumLabels { value.fail("a service has at most \(maximumLabels) labels") }
        return Dictionary(entries.compactMap { entry in entry.value.text().map { (entry.key, $0) } }) { _, last in last
        }
    }

    private static let maximumLabels = 32
}
