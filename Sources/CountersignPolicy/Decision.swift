/// The outcome of ``Authorizer/decide(caller:domain:route:endpointScope:)``.
public enum Decision: Hashable, Sendable {
    /// The request may be forwarded.
    case permit(Permit)
    /// The request has to be refused.
    case deny(Denial)

    /// The permit, when there is one.
    public var permit: Permit? {
        switch self {
        case .permit(let permit): permit
        case .deny: nil
        }
    }

    /// The denial, also one that was only reported.
    public var denial: Denial? {
        switch self {
        case .permit(let permit): permit.auditedDenial
        case .deny(let denial): denial
        }
    }

    /// The value of `mtls_auth` in the access log.
    public var outcome: AuthorizationOutcome {
        switch self {
        case .permit(let permit): permit.outcome
        case .deny: .denied
        }
    }
}
