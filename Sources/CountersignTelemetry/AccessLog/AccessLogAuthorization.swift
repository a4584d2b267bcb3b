/// What policy decided about a request, the `mtls_auth` of the access log.
package enum AccessLogAuthorization: Sendable, BitwiseCopyable {
    /// No policy applied, or the request was refused before one could.
    case none
    /// Policy let the request through.
    case allowed
    /// Policy refused the request.
    case denied
    /// Rules exist, but the domain does not enforce them.
    case notEnforced
    /// Policy refused the request, and the domain only reports that.
    case wouldDeny

    /// The value in the log.
    package var text: StaticString {
        switch self {
        case .none: "none"
        case .allowed: "allowed"
        case .denied: "denied"
        case .notEnforced: "not_enforced"
        case .wouldDeny: "would_deny"
        }
    }
}
