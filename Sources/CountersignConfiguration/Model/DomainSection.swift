package import CountersignForwarding
package import CountersignIdentity
package import CountersignPolicy

/// A mutual TLS domain: an element of the list `router.domains`.
package struct DomainSection: Sendable {
    /// The hosts of the domain.
    package var pattern: HostPattern

    /// The authorities whose certificates callers may show; never empty after reading.
    package var clientAuthorities: [PEMReference]

    /// The revocation lists that callers' certificates are checked against.
    package var revocationLists: [PEMReference] = []

    /// What happens to an incoming `X-Forwarded-Client-Cert`.
    package var forwardedClientCert = ForwardedClientCertMode.sanitizeSet

    /// The form of an outgoing `X-Forwarded-Client-Cert`; `raw` or `envoy`.
    package var forwardedFormat = ForwardedHeaderFormat.raw

    /// How the domain decides which verified callers may call.
    package var authorization = DomainAuthorization.none

    /// Where the domain stands in the file.
    package var place: ConfigurationPlace

    /// Makes a domain with the defaults.
    package init(pattern: HostPattern, clientAuthorities: [PEMReference], place: ConfigurationPlace) {
        self.pattern = pattern
        self.clientAuthorities = clientAuthorities
        self.place = place
    }
}

extension DomainSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `name` (host name, or `*.` and a host name; required)
    /// - `ca_certs` (PEM or a list of them; required)
    /// - `crls` (PEM or a list of them, optional)
    /// - `forwarded_client_cert` (`sanitize_set`, `forward` or `always_forward`, default `sanitize_set`)
    /// - `xfcc_format` (`raw` or `envoy`, default `raw`)
    /// - `authorization` (mapping, optional)
    static func read(_ value: ValueReader) -> DomainSection? {
        value.mapping("a domain with \"name\" and \"ca_certs\"") { reader in
            let name = reader.required("name", "the hosts of the domain, as in \"*.apps.internal\"")
            let pattern = name?.parsed("a host name", HostPattern.init(parsing:))
            let authorities = reader.required("ca_certs", "callers' certificates are checked against it")?
                .pems(.certificates)
            let lists = reader.value("crls")?.pems(.revocationLists) ?? []
            let mode: ForwardedClientCertMode = reader.choice("forwarded_client_cert", default: .sanitizeSet)
            if mode == .alwaysForward {
                reader.value("forwarded_client_cert")?
                    .warn("whoever reaches the router can claim any identity toward backends of this domain")
            }
            let format: XFCCFormat = reader.choice("xfcc_format", default: .raw)
            let authorization = reader.value("authorization").flatMap { DomainAuthorization.read($0) }
            guard let name, let pattern else { return nil }
            var section = DomainSection(
                pattern: pattern,
                clientAuthorities: authorities ?? [],
                place: name.place
            )
            section.revocationLists = lists
            section.forwardedClientCert = mode
            section.forwardedFormat = format == .raw ? .raw : .envoy
            section.authorization = authorization ?? .none
            return section
        }
    }

    /// The formats that `xfcc_format` takes, of the many that there are.
    private enum XFCCFormat: String, CaseIterable {
        case raw
        case envoy
    }
}
