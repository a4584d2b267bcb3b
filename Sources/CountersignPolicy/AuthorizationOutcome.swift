/// What became of a request's authorization: the value of `mtls_auth` in the access log.
public enum AuthorizationOutcome: String, Hashable, Sendable, CaseIterable {
    /// Authorized.
    case allowed
    /// Refused with status 403.
    case denied
    /// Passed because the domain enforces no policies, although the route states flat options.
    case notEnforced = "not_enforced"
    /// Passed because the domain only reports denials; it was to be denied.
    case wouldDeny = "would_deny"
}
