import CountersignIdentity

/// The keys by which a router finds an authority that it follows, and by which the two know each other.
struct FollowedAuthority {
    /// The authority's native API; its scheme is `https`.
    let url: ServiceURL
    /// The authorities that its certificate is checked against; never empty.
    let authorities: [PEMReference]
    /// What the router shows to it.
    let certificate: CertificateSection
    /// Who it must be; without one its certificate must be for the host of ``url``.
    let spiffeID: SPIFFEID?

    /// Reads `authority`, `ca_certs`, `cert_chain`, `private_key` and `spiffe_id`; nil after saying what is wrong.
    ///
    /// - Parameters:
    ///   - reader: the section.
    ///   - what: what comes from the authority, in the plural.
    static func read(_ reader: MappingReader, _ what: String) -> FollowedAuthority? {
        let url = reader.required("authority", "\(what) come from it, as in \"https://ca.internal:8444\"")
            .flatMap { Self.url($0, what) }
        let authorities = reader.required("ca_certs", "the authority's certificate is checked against it")?
            .pems(.certificates)
        let chain = reader.required("cert_chain", "the router shows it to the authority")?.pem(.certificates)
        let key = reader.required("private_key", "the key of cert_chain")?.pem(.privateKey)
        let spiffeID = reader.value("spiffe_id")?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
        guard let url, let authorities, let chain, let key else { return nil }
        return FollowedAuthority(
            url: url,
            authorities: authorities,
            certificate: CertificateSection(chain: chain, privateKey: key),
            spiffeID: spiffeID
        )
    }

    private static func url(_ value: ValueReader, _ what: String) -> ServiceURL? {
        guard let url = value.parsed("a URL", ServiceURL.init(parsing:)) else { return nil }
        guard url.scheme == .https else {
            value.fail("the URL begins with http://; \(what) are taken from https:// only")
            return nil
        }
        return url
    }
}
