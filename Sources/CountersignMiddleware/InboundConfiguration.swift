/// What requests are judged by.
///
/// The defaults refuse: no proxy is trusted, and no token is good.
public struct InboundConfiguration: Sendable {
    /// What a request has to show (`INBOUND_AUTH_MODE`).
    public var mode: InboundMode
    /// The paths, each with all below it, where token and certificate are needed in every mode (`BINDING_REQUIRED_PATHS`).
    ///
    /// `/admin` and `/admin/*` say the same; `*` elsewhere, `?`, `#`, `;` and `\` are refused.
    public var bindingRequiredPaths: [String] = []
    /// The paths that are served without anything, such as a health check: to the letter, and nothing below them.
    public var unauthenticatedPaths: [String] = []
    /// The proxies whose word about a certificate counts, as blocks of addresses (`TRUSTED_PROXY_CIDRS`).
    public var trustedProxies: [String] = []
    /// The header that they write the certificate to (`FORWARDED_CLIENT_CERT_HEADER`): `X-Forwarded-Tls-Client-Cert`,
    /// `ssl-client-cert`, `X-Forwarded-Client-Cert`, `Client-Cert` or `X-Client-Cert-Subject`, each in its own format.
    public var forwardedClientCertificateHeader = "X-Forwarded-Client-Cert"
    /// How that header is written; nil to tell by its name, which a header of another name does not.
    public var forwardedClientCertificateFormat: ForwardedCertificateFormat?
    /// How a TLS terminator writes serial numbers; it has to be said where ``revocationListsPEM`` is looked up by them.
    public var certificateSerialFormat: CertificateSerialFormat?
    /// The most bytes of that header.
    public var maximumCertificateHeaderBytes = 16_384
    /// Authorities in PEM that verify forwarded certificates beside the proxy's word; nil to rely on it.
    ///
    /// Several authorities may vouch for no SPIFFE ID; ``trustDomainAuthoritiesPEM`` binds each to its trust domain.
    public var forwardedCertificateAuthoritiesPEM: String?
    /// Authorities in PEM by the SPIFFE trust domain that they are bound to: they may vouch for SPIFFE IDs of it alone, and no
    /// other authority may.
    public var trustDomainAuthoritiesPEM: [String: String] = [:]
    /// Revocation lists in PEM for forwarded certificates, which the authorities above verify, or for what a terminator tells; nil
    /// not to look at revocation.
    ///
    /// They fail closed: a list that is past its next update is refused here, and one that gets so lets nobody of its issuer in.
    /// ``InboundAuthentication/replace(_:)`` takes newer ones.
    public var revocationListsPEM: String?
    /// The file with the rules from certificates to ARNs (`CERT_IDENTITY_MAPPINGS`); nil when callers need none.
    public var identityMappingsPath: String?
    /// Which service may call what; nil when everybody who is authenticated may call everything.
    public var allowList: [AllowedCall]?
    /// The trust domain of the services that ``allowList`` names without their SPIFFE ID; nil where it names none.
    public var serviceTrustDomain: String?
    /// The namespace of those that are named without one.
    public var serviceNamespace = "default"
    /// Whose tokens are good; nil when none are.
    public var tokens: TokenIssuer?
    /// The variables for `${NAME}` in the file of ``identityMappingsPath``; ``apply(environment:)`` sets them.
    public var environment: [String: String] = [:]
    /// Whether failed checks of mutual TLS refuse a request (`MTLS_ENFORCE`); false for development alone, and said loudly.
    public var isEnforcing = true

    /// A configuration with the defaults beside this.
    ///
    /// - Parameter mode: what a request has to show.
    public init(mode: InboundMode = .bearerPlusMTLSRequired) {
        self.mode = mode
    }

    /// Takes over what the environment says; what it does not say stays.
    ///
    /// Read are `INBOUND_AUTH_MODE`, `BINDING_REQUIRED_PATHS`, `FORWARDED_CLIENT_CERT_HEADER`, `TRUSTED_PROXY_CIDRS`,
    /// `CERT_IDENTITY_MAPPINGS` and `MTLS_ENFORCE`. Lists have commas between their parts. The others are kept for the file of rules.
    ///
    /// - Parameter environment: the variables, such as those of the process.
    /// - Throws: ``InboundConfigurationError`` that names the variable.
    public mutating func apply(environment: [String: String]) throws(InboundConfigurationError) {
        self.environment = environment
        if let text = environment["INBOUND_AUTH_MODE"] {
            guard let mode = InboundMode(rawValue: text) else {
                let words = InboundMode.allCases.map(\.rawValue).joined(separator: ", ")
                throw InboundConfigurationError(
                    "INBOUND_AUTH_MODE is \(text.debugDescription); expected one of \(words)"
                )
            }
            self.mode = mode
        }
        if let text = environment["MTLS_ENFORCE"] {
            switch text.lowercased() {
            case "true": isEnforcing = true
            case "false": isEnforcing = false
            default:
                throw InboundConfigurationError("MTLS_ENFORCE is \(text.debugDescription); expected true or false")
            }
        }
        if let text = environment["BINDING_REQUIRED_PATHS"] { bindingRequiredPaths = Self.list(text) }
        if let text = environment["TRUSTED_PROXY_CIDRS"] { trustedProxies = Self.list(text) }
        if let text = environment["FORWARDED_CLIENT_CERT_HEADER"] { forwardedClientCertificateHeader = text }
        if let text = environment["CERT_IDENTITY_MAPPINGS"] { identityMappingsPath = text.isEmpty ? nil : text }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            let inner = part.drop { $0 == " " }
            return String(inner.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }
}
