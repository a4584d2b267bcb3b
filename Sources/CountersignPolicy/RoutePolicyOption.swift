/// The route options that make a policy.
package enum RoutePolicyOption: String, CaseIterable, Sendable {
    case allowedApps = "mtls_allowed_apps"
    case allowedSpaces = "mtls_allowed_spaces"
    case allowedOrganizations = "mtls_allowed_orgs"
    case allowAny = "mtls_allow_any"
    case scope = "route_policy_scope"
    case sources = "route_policy_sources"
    /// Sources whose owners let them call the route; where it is present, both sides have to.
    case callerSources = "route_policy_caller_sources"

    /// The form that the option belongs to.
    var form: RoutePolicyForm {
        switch self {
        case .allowedApps, .allowedSpaces, .allowedOrganizations, .allowAny: .flatOptions
        case .scope, .sources, .callerSources: .routePolicies
        }
    }

    /// Whether an option of this name can only be a misspelt one of these.
    static func claims(_ name: String) -> Bool {
        name.utf8.starts(with: "mtls_".utf8) || name.utf8.starts(with: "route_polic".utf8)
    }

    /// The option whose name shares the longest beginning with the given one.
    static func nearest(to name: String) -> RoutePolicyOption {
        func sharedLength(_ option: RoutePolicyOption) -> Int {
            zip(option.rawValue.utf8, name.utf8).prefix { $0 == $1 }.count
        }
        return allCases.max { sharedLength($0) < sharedLength($1) } ?? .allowedApps
    }
}
