package import CountersignIdentity
package import CountersignRouting

/// The identity and token checks as a service for other proxies: the section `authz`.
package struct AuthorizationServiceSection: Sendable {
    /// What a request must show.
    package enum InboundMode: String, CaseIterable, Hashable, Sendable {
        /// A bearer token.
        case bearerOnly = "bearer_only"

        /// A bearer token, which is checked against the certificate where there is one, and on the listed paths always.
        case bearerPlusOptionalMutualTLS = "bearer_plus_mtls_optional"

        /// A bearer token and the certificate that it is bound to.
        case bearerPlusMutualTLS = "bearer_plus_mtls_required"

        /// A certificate.
        case mutualTLSOnly = "mtls_only"
    }

    /// The address that proxies ask.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 9191)

    /// The address that Envoy asks by gRPC; nil when it is not served.
    package var grpcListen: ListenAddress?

    /// What a request must show.
    package var inboundMode = InboundMode.bearerPlusMutualTLS

    /// The paths, each with all below it, where a token must be bound to the certificate whatever ``inboundMode`` says.
    package var bindingRequiredPaths: [PathPrefix] = []

    /// The header in which a trusted proxy forwards the certificate.
    package var forwardedClientCertHeader = "X-Forwarded-Client-Cert"

    /// The addresses of proxies whose forwarded certificates count; from anywhere else they are removed.
    package var trustedProxies: [CIDRBlock] = []

    /// How ``forwardedClientCertHeader`` is written; nil for the format that is known by its name.
    package var certificateFormat: CertificateFormat?

    /// How a TLS terminator writes serial numbers; nil when that is not said.
    package var serialFormat: SerialFormat?

    /// The most bytes of ``forwardedClientCertHeader``.
    package var maximumCertificateBytes = 16_384

    /// The authorities that forwarded certificates are verified against beside the proxy's word; empty to rely on it.
    package var clientAuthorities: [PEMReference] = []

    /// Those that are bound to a trust domain: SPIFFE IDs of it are theirs to issue, and no others.
    package var trustDomains: [TrustDomainSection] = []

    /// The revocation lists that forwarded certificates are looked up in; empty when revocation is not looked at.
    package var revocationLists: [PEMReference] = []

    /// The paths that are served without anything, to the letter.
    package var unauthenticatedPaths: [LiteralPath] = []

    /// Which service may call which; nil when everybody who is authenticated may call everything.
    package var allowList: [AllowedCallSection]?

    /// Where services are at home that ``allowList`` names without their SPIFFE ID; nil where that is not said.
    package var serviceNames: ServiceNamesSection?

    /// Whose tokens are good; nil when none are.
    package var tokens: TokenIssuerSection?

    /// The file with the rules from certificates to names; nil without rules.
    package var identityMappingsPath: String?

    /// Where ``identityMappingsPath`` is configured.
    package var identityMappingsPlace = ConfigurationPlace.wholeFile("")

    /// The formats of headers with a certificate.
    package enum CertificateFormat: String, CaseIterable, Hashable, Sendable {
        /// Traefik's.
        case traefik
        /// nginx's.
        case nginx
        /// Envoy's and GoRouter's.
        case xfcc
        /// RFC 9440.
        case rfc9440
        /// Subject and serial number alone.
        case terminator
    }

    /// The forms of serial numbers.
    package enum SerialFormat: String, CaseIterable, Hashable, Sendable {
        /// Hexadecimal digits.
        case hexadecimal
        /// Decimal digits.
        case decimal
    }

    /// Whether a failed check refuses the request; false is for development and warned about.
    package var isEnforcing = true

    /// The service's own certificate.
    package var tls = WorkloadTLSSection()

    /// Where the section stands in the file.
    package var place = ConfigurationPlace.wholeFile("")

    /// Where the name of the header is configured.
    package var headerPlace = ConfigurationPlace.wholeFile("")

    /// The section's defaults.
    package init() {}
}
