package import CountersignIdentity

/// The authority whose revocations a router follows: the section `router.revocation`.
package struct RevocationSection: Sendable {
    /// What happens when nothing has been heard of revocations for too long.
    package enum OnStale: String, CaseIterable, Sendable {
        /// Clients of mutual TLS domains are not served: not knowing is not the same as not revoked.
        case refuse

        /// They are served, and logs, metrics and health tell.
        case warn
    }

    /// The authority's native API; its scheme is `https`.
    package var authority: ServiceURL

    /// The authorities that the authority's own certificate is checked against; never empty after reading.
    package var authorities: [PEMReference]

    /// What the router shows to the authority.
    package var certificate: CertificateSection

    /// Who the authority must be; without one its certificate must be for the host of ``authority``.
    package var spiffeID: SPIFFEID?

    /// How long nothing may be heard.
    package var maximumStaleness = Duration.seconds(300)

    /// What happens after that.
    package var onStale = OnStale.warn

    /// Where the section stands in the file.
    package var place: ConfigurationPlace

    /// Makes a section with the defaults.
    package init(
        authority: ServiceURL,
        authorities: [PEMReference],
        certificate: CertificateSection,
        place: ConfigurationPlace
    ) {
        self.authority = authority
        self.authorities = authorities
        self.certificate = certificate
        self.place = place
    }
}

extension RevocationSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `authority` (`https://` URL, required)
    /// - `ca_certs` (PEM or a list of them, required)
    /// - `cert_chain`, `private_key` (PEM, required)
    /// - `spiffe_id` (SPIFFE ID, default: the certificate must be for the host of `authority`)
    /// - `max_staleness` (1s...7d, default 5m; below 15s warned about)
    /// - `on_stale` (`refuse` or `warn`, default `warn`)
    static func read(_ value: ValueReader) -> RevocationSection? {
        value.mapping("the keys of \"revocation\"") { reader in
            let followed = FollowedAuthority.read(reader, "revocations")
            let staleness = reader.duration(
                "max_staleness",
                default: .seconds(300),
                in: .seconds(1) ... .seconds(7 * 86_400)
            )
            if staleness < .seconds(15) {
                reader.value("max_staleness")?
                    .warn("the authority is heard every 5s, so that a short pause is taken for its absence")
            }
            let onStale: OnStale = reader.choice("on_stale", default: .warn)
            guard let followed else { return nil }
            var section = RevocationSection(
                authority: followed.url,
                authorities: followed.authorities,
                certificate: followed.certificate,
                place: reader.place
            )
            section.spiffeID = followed.spiffeID
            section.maximumStaleness = staleness
            section.onStale = onStale
            return section
        }
    }
}
