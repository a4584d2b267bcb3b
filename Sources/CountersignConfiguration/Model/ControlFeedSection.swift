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
            let followed = FollowedAuthority.read(reader, "routes")
            let copy = reader.required("copy", "the router starts from it when the authority is away")
            let path = copy?.path()
            guard let followed, let copy, let path else { return nil }
            return ControlFeedSection(
                authority: followed.url,
                authorities: followed.authorities,
                certificate: followed.certificate,
                spiffeID: followed.spiffeID,
                copy: path,
                place: reader.place,
                copyPlace: copy.place
            )
        }
    }
}
