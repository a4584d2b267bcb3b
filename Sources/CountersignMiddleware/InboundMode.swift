import CountersignAuthentication

/// What a request has to show (`INBOUND_AUTH_MODE`); the raw value is the word of the environment variable.
public enum InboundMode: String, Sendable, Hashable, CaseIterable {
    /// A bearer token; certificates are not looked at.
    case bearerOnly = "bearer_only"
    /// A bearer token, and where it is bound to a certificate, that certificate as well.
    case bearerPlusMTLSOptional = "bearer_plus_mtls_optional"
    /// A bearer token and the certificate that it is bound to.
    case bearerPlusMTLSRequired = "bearer_plus_mtls_required"
    /// A certificate; tokens are not looked at.
    case mtlsOnly = "mtls_only"

    init(_ mode: InboundAuthMode) {
        self =
            switch mode {
            case .bearerOnly: .bearerOnly
            case .bearerPlusMTLSOptional: .bearerPlusMTLSOptional
            case .bearerPlusMTLSRequired: .bearerPlusMTLSRequired
            case .mtlsOnly: .mtlsOnly
            }
    }

    var checked: InboundAuthMode {
        switch self {
        case .bearerOnly: .bearerOnly
        case .bearerPlusMTLSOptional: .bearerPlusMTLSOptional
        case .bearerPlusMTLSRequired: .bearerPlusMTLSRequired
        case .mtlsOnly: .mtlsOnly
        }
    }
}
