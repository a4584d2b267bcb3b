/// What a request has to show.
package enum InboundAuthMode: String, Sendable, Hashable, CaseIterable {
    /// A bearer token; certificates are not looked at.
    case bearerOnly = "bearer_only"
    /// A bearer token; where it is bound to a certificate, and on the listed paths always, that certificate as well.
    case bearerPlusMTLSOptional = "bearer_plus_mtls_optional"
    /// A bearer token and the certificate that it is bound to.
    case bearerPlusMTLSRequired = "bearer_plus_mtls_required"
    /// A certificate; tokens are not looked at.
    case mtlsOnly = "mtls_only"

    /// Whether a request needs a token.
    package var needsToken: Bool { self != .mtlsOnly }

    /// Whether certificates are looked at.
    package var readsCertificates: Bool { self != .bearerOnly }

    /// Whether every request needs a certificate.
    package var needsCertificate: Bool { self == .bearerPlusMTLSRequired || self == .mtlsOnly }
}
