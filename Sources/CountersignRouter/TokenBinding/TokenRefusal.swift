import CountersignTokens

/// Why a request is refused for the token that it shows, or does not show.
enum TokenRefusal: Equatable {
    /// There is no `Authorization` field with a bearer token.
    case missing
    /// There are two of them, of which router and backend could take different ones.
    case ambiguous
    /// The token is not accepted.
    case rejected(TokenRejection)
    /// The token is good and is not bound to the certificate of the connection.
    case binding(TokenBindingCheck)

    /// The value of a metric's `reason`.
    var metricLabel: String {
        switch self {
        case .missing: "token_missing"
        case .ambiguous: "token_ambiguous"
        case .rejected(let rejection): rejection.metricLabel
        case .binding(.unbound): "token_unbound"
        case .binding(let check): check.rawValue
        }
    }

    /// One sentence for the access log.
    var explanation: String {
        switch self {
        case .missing: "the request shows no bearer token, and the domain wants one that is bound to the certificate"
        case .ambiguous: "the request has more than one Authorization field"
        case .rejected(let rejection): rejection.explanation
        case .binding(.unbound): "the token is bound to no certificate"
        case .binding(.certificateMissing): "the token is bound to a certificate, and the connection has none"
        case .binding: "the token is bound to another certificate"
        }
    }

    /// What the client is answered.
    var error: RouterError {
        switch self {
        case .missing: .tokenMissing
        case .ambiguous: .tokenAmbiguous
        case .rejected: .tokenRejected
        case .binding(.certificateMissing): .tokenCertificateMissing
        case .binding: .tokenBindingMismatch
        }
    }
}

extension RouterError {
    /// RFC 6750 section 3.1: without a token, the challenge says nothing of an error.
    static let tokenMissing = RouterError(
        status: 401,
        reason: "Unauthorized",
        detail: "A bearer token that is bound to the client certificate is required.",
        label: "token_missing",
        challenge: "Bearer"
    )
    static let tokenAmbiguous = RouterError(
        status: 400,
        reason: "Bad Request",
        detail: "There is more than one Authorization field.",
        label: "token_ambiguous"
    )
    static let tokenRejected = RouterError(
        status: 401,
        reason: "Unauthorized",
        detail: "The token is not accepted.",
        label: "token_rejected",
        challenge: "Bearer error=\"invalid_token\""
    )
    static let tokenCertificateMissing = RouterError(
        status: 401,
        reason: "Unauthorized",
        detail: "The token is bound to a certificate, and none was shown.",
        label: "certificate_missing",
        challenge: "Bearer error=\"invalid_token\""
    )
    static let tokenBindingMismatch = RouterError(
        status: 401,
        reason: "Unauthorized",
        detail: "The token is not bound to the client certificate of this connection.",
        label: "sender_binding_mismatch",
        challenge: "Bearer error=\"invalid_token\""
    )
}
