/// In which form a route states who may call it.
public enum RoutePolicyForm: Hashable, Sendable {
    /// It says nothing.
    case unstated
    /// `mtls_allowed_apps`, `mtls_allowed_spaces`, `mtls_allowed_orgs`, `mtls_allow_any`; enforced where the domain
    /// asks for it.
    case flatOptions
    /// `route_policy_scope` and `route_policy_sources`; enforced wherever they are present.
    case routePolicies
}
