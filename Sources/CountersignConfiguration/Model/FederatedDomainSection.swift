package import CountersignIdentity

/// Another trust domain whose bundle is kept up to date: an element of the list `federation`.
package struct FederatedDomainSection: Hashable, Sendable {
    /// How the bundle endpoint is recognised (SPIFFE Federation section 5.2).
    package enum Profile: String, CaseIterable, Sendable {
        /// By a certificate for the URL's host.
        case web = "https_web"

        /// By an X.509-SVID of the trust domain itself, checked against the bundle that is there already.
        case spiffe = "https_spiffe"
    }

    /// The trust domain.
    package var trustDomain: TrustDomain

    /// The bundle endpoint; its scheme is `https`.
    package var url: ServiceURL

    /// How the endpoint is recognised.
    package var profile: Profile

    /// Who the endpoint has to be: a SPIFFE ID of the trust domain, with `https_spiffe`; otherwise nil.
    package var endpointID: SPIFFEID?

    /// Who may vouch for the endpoint's host with `https_web`; empty otherwise.
    package var webAuthorities: [PEMReference]

    /// The bundle's PEM file, which `trust_domains` names; an endpoint with `https_spiffe` is checked against it.
    package var bundlePath: String

    /// How often the endpoint is asked; nil for what the bundle itself says.
    package var refreshInterval: Duration?

    /// Where the element stands in the file.
    package var place: ConfigurationPlace
}

extension FederatedDomainSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `trust_domain` (SPIFFE trust domain, required, each once)
    /// - `url` (`https://` URL, required)
    /// - `profile` (`https_web` or `https_spiffe`, required)
    /// - `spiffe_id` (SPIFFE ID of the trust domain, required with `https_spiffe`)
    /// - `ca_certs` (PEM or a list of them, required with `https_web`)
    /// - `bundle_path` (path, required)
    /// - `refresh_interval` (1s...1d, default: what the bundle says, or 5m)
    static func read(_ value: ValueReader) -> FederatedDomainSection? {
        value.mapping("a federated trust domain with \"trust_domain\" and \"url\"") { reader in
            let name = reader.required("trust_domain", "the trust domain that is federated with")
            let trustDomain = name?.parsed("a SPIFFE trust domain", TrustDomain.init(parsing:))
            let url = reader.required("url", "its bundle endpoint, as in https://ca.partner.example/v1/spiffe-bundle")
                .flatMap(readURL)
            let profile: Profile? = reader.required("profile", "https_web or https_spiffe; there is no default")?
                .choice()
            let endpointID = readEndpointID(reader, trustDomain, profile)
            let authorities = readAuthorities(reader, profile)
            let path = reader.required("bundle_path", "the PEM file that the trust domain's ca_certs names")?.path()
            let interval = reader.value("refresh_interval")?.duration(in: .seconds(1) ... .seconds(86_400))
            guard let trustDomain, let url, let profile, let path else { return nil }
            return FederatedDomainSection(
                trustDomain: trustDomain,
                url: url,
                profile: profile,
                endpointID: endpointID,
                webAuthorities: authorities,
                bundlePath: path,
                refreshInterval: interval,
                place: name?.place ?? reader.place
            )
        } ?? nil
    }

    /// Reads the list; a trust domain or a file that stands twice is reported.
    static func readList(_ value: ValueReader) -> [FederatedDomainSection] {
        var sections: [FederatedDomainSection] = []
        for value in value.list(of: "federated trust domains", atMost: 1000) ?? [] {
            guard let section = read(value) else { continue }
            if sections.contains(where: { $0.trustDomain == section.trustDomain }) {
                value.fail("the trust domain \(section.trustDomain.name) is already there")
            } else if let other = sections.first(where: { $0.bundlePath == section.bundlePath }) {
                value.fail(
                    "bundle_path is that of \(other.trustDomain.name) as well; each bundle has a file of its own"
                )
            }
            sections.append(section)
        }
        return sections
    }

    private static func readURL(_ value: ValueReader) -> ServiceURL? {
        guard let url = value.parsed("a URL", ServiceURL.init(parsing:)) else { return nil }
        guard url.scheme == .https else {
            value.fail("the URL begins with http://; bundles are taken from https:// only")
            return nil
        }
        return url
    }

    private static func readEndpointID(
        _ reader: MappingReader,
        _ trustDomain: TrustDomain?,
        _ profile: Profile?
    ) -> SPIFFEID? {
        guard profile == .spiffe else {
            reader.value("spiffe_id")?.fail("spiffe_id is for the profile https_spiffe")
            return nil
        }
        let value = reader.required("spiffe_id", "who the bundle endpoint has to be")
        guard let id = value?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:)) else { return nil }
        if let trustDomain, id.trustDomain != trustDomain {
            value?.fail("\(id) is of another trust domain than \(trustDomain.name), whose bundle it would vouch for")
        }
        return id
    }

    private static func readAuthorities(_ reader: MappingReader, _ profile: Profile?) -> [PEMReference] {
        guard profile == .web else {
            reader.value("ca_certs")?.fail(
                "ca_certs is for the profile https_web; https_spiffe checks the endpoint against bundle_path"
            )
            return []
        }
        return reader.required("ca_certs", "who may vouch for the endpoint's host")?.pems(.certificates) ?? []
    }
}
