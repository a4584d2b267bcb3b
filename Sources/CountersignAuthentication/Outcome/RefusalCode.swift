/// Why a request was refused; the raw value is the `code` of the answer and the label of the metric.
package enum RefusalCode: String, Sendable, Hashable, CaseIterable {
    /// A header of the caller cannot be read, or in two ways.
    case invalidRequest = "invalid_request"
    /// The header with the certificate cannot be read, or in two ways.
    case certificateMalformed = "certificate_malformed"
    /// The header with the certificate has more bytes than the limit.
    case certificateTooLarge = "certificate_too_large"
    /// A bearer token is needed, and there is none.
    case tokenMissing = "token_missing"
    /// The bearer token is not good.
    case tokenInvalid = "token_invalid"
    /// A certificate is needed, and there is none from a proxy that is trusted.
    case certificateMissing = "certificate_missing"
    /// The proxy says that it did not verify the certificate.
    case certificateNotVerified = "certificate_not_verified"
    /// The certificate's validity is over.
    case certificateExpired = "certificate_expired"
    /// The certificate's validity has not begun.
    case certificateNotYetValid = "certificate_not_yet_valid"
    /// The certificate was revoked.
    case certificateRevoked = "certificate_revoked"
    /// No authority that is trusted vouches for the certificate, or it may not be used so.
    case certificateUntrusted = "certificate_untrusted"
    /// The token is not bound to the certificate.
    case senderBindingMismatch = "sender_binding_mismatch"
    /// No rule gives the certificate's holder a name.
    case identityUnmapped = "identity_unmapped"
    /// The certificate can be understood in several ways.
    case identityAmbiguous = "identity_ambiguous"
    /// The allow list does not name the caller.
    case serviceNotRegistered = "service_not_registered"
    /// The allow list does not let the caller make this call.
    case serviceNotAllowed = "service_not_allowed"
    /// What becomes of the request could not be recorded, and requests without a record are refused.
    case auditUnavailable = "audit_unavailable"

    /// The HTTP status.
    package var status: Int {
        switch self {
        case .invalidRequest, .certificateMalformed, .certificateTooLarge: 400
        case .tokenMissing, .tokenInvalid, .certificateMissing, .certificateNotVerified, .certificateExpired,
            .certificateNotYetValid, .certificateRevoked, .certificateUntrusted, .senderBindingMismatch:
            401
        case .identityUnmapped, .identityAmbiguous, .serviceNotRegistered, .serviceNotAllowed: 403
        case .auditUnavailable: 503
        }
    }

    /// Whether the refusal is about mutual TLS, so that it is let through where that is not enforced.
    package var isWaivable: Bool {
        switch self {
        case .invalidRequest, .certificateMalformed, .certificateTooLarge, .tokenMissing, .tokenInvalid,
            .auditUnavailable:
            false
        default: true
        }
    }

    /// The error of RFC 6750 section 3.1; nil where the caller showed nothing that could be wrong.
    var bearerError: String? {
        switch self {
        case .tokenMissing, .auditUnavailable: nil
        case .invalidRequest, .certificateMalformed, .certificateTooLarge: "invalid_request"
        case .identityUnmapped, .identityAmbiguous, .serviceNotRegistered, .serviceNotAllowed: "insufficient_scope"
        default: "invalid_token"
        }
    }
}
