package import CountersignIdentity

/// The control plane that a router takes routes and policies from: the section `router.control`.
package struct ControlFeedSection: Sendable {
    /// The native API of the authority that serves it; its scheme is `https`.
    package var authority: ServiceURL

    /// The authorities that its certificate is checked against; never empty after reading.
    package var authorities: [PEMReference]

    /// What the router shows to it.
    package var certificate: CertificateSection

    /// Who it must be; without one its certificate must be for the host of ``authority``.
    package var spiffeID: SPIFFEID?

    /// The file that keeps what was told last, so that the router starts without the authority.
    package var copy: String

    /// Where the section stands in the file.
    package var place: ConfigurationPlace

    /// Where the path of the copy stands in the file.
    package var copyPlace: ConfigurationPlace
}

extension ControlFeedSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `authority` (`https://` URL, required)
    /// - `ca_certs` (PEM or a list of them, required)
    /// - `cert_chain`, `private_key` (PEM, required)
    /// - `spiffe_id` (SPIFFE ID, default: the certificate must be for the host of `authority`)
    /// - `copy` (path, required)
    static func read(_ value: ValueReader) -> ControlFeedSection? {
        value.mapping("the keys of \"control\"") { reader in
            let authority = reader.required("authority", "routes come from it, as in \"https://ca.internal:8444\"")
                .flatMap(readAuthority)
            let authorities = reader.required("ca_certs", "the authority's certificate is checked against it")?
                .pems(.certificates)
            let chain = reader.required("cert_chain", "the router shows it to the authority")?.pem(.certificates)
            let key = reader.required("private_key", "the key of cert_chain")?.pem(.privateKey)
            let spiffeID = reader.value("spiffe_id")?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
            let copy = reader.required("copy", "the router starts from it when the authority is away")
            let path = copy?.path()
            guard let authority, let authorities, let chain, let key, let copy, let path else { return nil }
            return ControlFeedSection(
                authority: authority,
                authorities: authorities,
                certificate: CertificateSection(chain: chain, privateKey: key),
                spiffeID: spiffeID,
                copy: path,
                place: reader.place,
                copyPlace: copy.place
            )
        }
    }

    private static func readAuthority(_ value: ValueReader) -> ServiceURL? {
        guard let url = value.parsed("a URL", ServiceURL.init(parsing:)) else { return nil }
        guard url.scheme == .https else {
            value.fail("the URL begins with http://; routes are taken from https:// only")
            return nil
        }
        return url
    }
}
