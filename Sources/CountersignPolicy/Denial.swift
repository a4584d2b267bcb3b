import CountersignIdentity

/// A refusal: the reason, and what it takes to explain it.
///
/// The texts are made only when somebody asks.
public struct Denial: Hashable, Sendable {
    /// Why.
    public let reason: DenialReason
    /// The form in which the route states its policy.
    public let form: RoutePolicyForm
    /// The kinds of sources that the route's policy has.
    public let kinds: PolicySourceKinds
    /// Who was denied; `nil` for an anonymous caller.
    private let caller: CallerKey?
    /// The endpoint's part that the caller's was compared with.
    private let expected: CloudFoundryGUID?

    init(_ reason: DenialReason, route: RoutePolicy, caller: CallerKey?, expected: CloudFoundryGUID? = nil) {
        self.reason = reason
        self.form = route.form
        self.kinds = route.kinds
        self.caller = caller
        self.expected = expected
    }

    /// The value of `mtls_policy` in the access log: which rule denied, such as `domain:scope=org`.
    public var policy: String {
        switch reason {
        case .noClientCertificate: "domain:client_certificate"
        case .ambiguousIdentity, .noIdentity: "identity_extraction"
        case .domainOrganizationNotAllowed: "domain:orgs"
        case .domainSpaceNotAllowed: "domain:spaces"
        case .organizationOutOfScope: "domain:scope=org"
        case .spaceOutOfScope: "domain:scope=space"
        case .routeScopeInvalid: "route:route_policy_scope"
        case .routeDefaultDeny: form == .routePolicies ? "route:no_route_policies" : "route:no_mtls_allowed_options"
        case .callerNotAllowedOut: "caller:caller_policies"
        default: "route:\(policyName)"
        }
    }

    /// The value of `mtls_denied_reason` in the access log: one sentence with the GUIDs or the ID concerned.
    public var explanation: String {
        switch reason {
        case .noClientCertificate: "no client certificate was verified for this domain on this connection"
        case .ambiguousIdentity: caller?.identity.ambiguity?.explanation ?? "certificate has an ambiguous identity"
        case .noIdentity:
            "certificate does not contain CF identity OU fields\(kinds.contains(.spiffe) ? " or a SPIFFE ID" : "")"
        case .domainOrganizationNotAllowed: "\(described("org", caller?.organization)) not in domain authorization orgs"
        case .domainSpaceNotAllowed: "\(described("space", caller?.space)) not in domain authorization spaces"
        case .organizationOutOfScope:
            "\(described("org", caller?.organization)) does not match selected backend \(endpoint("org"))"
        case .spaceOutOfScope:
            "\(described("space", caller?.space)) does not match selected backend \(endpoint("space"))"
        case .routeScopeInvalid: "route has a route_policy_scope other than any, org and space"
        case .routeDefaultDeny:
            form == .routePolicies
                ? "route has no route policies configured" : "route has no mtls_allowed_* options configured"
        case .callerNotAllowedOut:
            caller?.app.map { "caller app \($0) has no caller policy for this route" }
                ?? "\(described("SPIFFE ID", caller?.spiffeID)) has no caller policy for this route"
        case .appNotAllowed: "\(described("app", caller?.app)) not in \(policyName)"
        default: "\(described("SPIFFE ID", caller?.spiffeID)) not in \(policyName)"
        }
    }

    private var policyName: String { form == .routePolicies ? "route_policies" : kinds.optionNames }

    private func described(_ part: String, _ value: (some CustomStringConvertible)?) -> String {
        value.map { "caller \(part) \($0)" } ?? "caller without \(part)"
    }

    private func endpoint(_ part: String) -> String {
        expected.map(\.description) ?? "without \(part)"
    }
}
