package import CountersignForwarding
package import CountersignIdentity
package import CountersignPolicy

/// A mutual TLS domain: an element of the list `router.domains`.
package struct DomainSection: Sendable {
    /// The hosts of the domain.
    package var pattern: HostPattern

    /// The authorities whose certificates callers may show, besides those of ``trustDomains``; after reading, there are
    /// authorities in one of the two.
    package var clientAuthorities: [PEMReference]

    /// The trust domains of callers with a SPIFFE ID, each with its own authorities.
    package var trustDomains: [TrustDomainSection] = []

    /// Whether the file gives a name; without one, which refuses the file, ``pattern`` only stands in for it.
    package var hasName = true

    /// The revocation lists that callers' certificates are checked against.
    package var revocationLists: [PEMReference] = []

    /// What happens to an incoming `X-Forwarded-Client-Cert`.
    package var forwardedClientCert = ForwardedClientCertMode.sanitizeSet

    /// The headers in which backends are told of the caller's certificate.
    package var certificateHeaders = CertificateHeaders([.raw])

    /// How the domain decides which verified callers may call.
    package var authorization = DomainAuthorization.none

    /// Whether requests without TLS are let through on permissive listeners.
    package var takesPlaintext = false

    /// The tokens that callers must show beside their certificates; nil when none are asked for.
    package var tokenBinding: TokenBindingSection?

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
    /// - `ca_certs` (PEM or a list of them), `trust_domains` (list); one of them or both
    /// - `crls` (PEM or a list of them, optional)
    /// - `forwarded_client_cert` (`sanitize_set`, `forward` or `always_forward`, default `sanitize_set`)
    /// - `client_cert_headers`, `xfcc_format`, `xfcc_details`: see ``CertificateHeaders``
    /// - `authorization` (mapping, optional)
    /// - `token_binding` (mapping, optional)
    /// - `plaintext` (`refuse` or `allow`, default `refuse`)
    static func read(_ value: ValueReader) -> DomainSection? {
        value.mapping("a domain with \"name\" and \"ca_certs\"") { reader in
            let name = reader.required("name", "the hosts of the domain, as in \"*.apps.internal\"")
            let pattern = name?.parsed("a host name", HostPattern.init(parsing:))
            let authorities = reader.value("ca_certs")?.pems(.certificates)
            let trustDomains = reader.value("trust_domains").map(TrustDomainSection.readList)
            if authorities == nil, trustDomains == nil {
                reader.reportMissing("ca_certs", "callers' certificates are checked against it, or trust_domains")
            }
            let lists = reader.value("crls")?.pems(.revocationLists) ?? []
            let mode: ForwardedClientCertMode = reader.choice("forwarded_client_cert", default: .sanitizeSet)
            if mode == .alwaysForward {
                reader.value("forwarded_client_cert")?
                    .warn("whoever reaches the router can claim any identity toward backends of this domain")
            }
            let plaintext: Plaintext = reader.choice("plaintext", default: .refuse)
            if plaintext == .allow {
                reader.value("plaintext")?
                    .warn(
                        "whoever reaches a permissive listener may call the routes of this domain without a certificate"
                    )
            }
            let headers = CertificateHeaders.read(reader)
            let authorization = reader.value("authorization").flatMap { DomainAuthorization.read($0) }
            let binding = reader.value("token_binding").flatMap(TokenBindingSection.read)
            // A domain without a name goes on, so that what is wrong with its files is reported as well.
            guard let standIn = pattern ?? (try? HostPattern(parsing: "name.invalid")) else { return nil }
            var section = DomainSection(
                pattern: standIn,
                clientAuthorities: authorities ?? [],
                place: name?.place ?? reader.place
            )
            section.hasName = pattern != nil
            section.trustDomains = trustDomains ?? []
            section.revocationLists = lists
            section.forwardedClientCert = mode
            section.certificateHeaders = headers
            section.authorization = authorization ?? .none
            section.takesPlaintext = plaintext == .allow
            section.tokenBinding = binding
            return section
        }
    }

    /// What becomes of requests without TLS on permissive listeners.
    private enum Plaintext: String, CaseIterable {
        case refuse
        case allow
    }
}
