/// Why a request was denied; new reasons may be added.
public struct DenialReason: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String, CaseIterable {
        case noClientCertificate = "no_client_certificate"
        case ambiguousIdentity = "ambiguous_identity"
        case noIdentity = "no_identity"
        case domainOrganizationNotAllowed = "domain_org_not_allowed"
        case domainSpaceNotAllowed = "domain_space_not_allowed"
        case routeScopeInvalid = "route_scope_invalid"
        case organizationOutOfScope = "org_out_of_scope"
        case spaceOutOfScope = "space_out_of_scope"
        case routeDefaultDeny = "route_default_deny"
        case appNotAllowed = "app_not_allowed"
        case spiffeIDNotAllowed = "spiffe_id_not_allowed"
        case callerNotAllowedOut = "caller_not_allowed_out"
    }

    private let kind: Kind

    /// The value of a metric's `reason` label; always one of ``allMetricLabels``.
    public var metricLabel: String { kind.rawValue }

    /// The text form, for people and logs.
    public var description: String { kind.rawValue }

    /// Every value of ``metricLabel``.
    public static let allMetricLabels: [String] = Kind.allCases.map(\.rawValue)

    /// The domain or the route demands a verified client certificate, and the connection has none.
    public static let noClientCertificate = DenialReason(kind: .noClientCertificate)
    /// The certificate says two things about its holder.
    public static let ambiguousIdentity = DenialReason(kind: .ambiguousIdentity)
    /// The certificate has no identity of the kind that the policy is about.
    public static let noIdentity = DenialReason(kind: .noIdentity)
    /// The domain admits other organizations only.
    public static let domainOrganizationNotAllowed = DenialReason(kind: .domainOrganizationNotAllowed)
    /// The domain admits other spaces only.
    public static let domainSpaceNotAllowed = DenialReason(kind: .domainSpaceNotAllowed)
    /// The route states a scope that does not exist.
    public static let routeScopeInvalid = DenialReason(kind: .routeScopeInvalid)
    /// The caller is not in the endpoint's organization.
    public static let organizationOutOfScope = DenialReason(kind: .organizationOutOfScope)
    /// The caller is not in the endpoint's space.
    public static let spaceOutOfScope = DenialReason(kind: .spaceOutOfScope)
    /// The route names nobody.
    public static let routeDefaultDeny = DenialReason(kind: .routeDefaultDeny)
    /// The route names others than this app, its space and its organization.
    public static let appNotAllowed = DenialReason(kind: .appNotAllowed)
    /// The route names others than this SPIFFE ID.
    public static let spiffeIDNotAllowed = DenialReason(kind: .spiffeIDNotAllowed)
    /// The route lets the caller in, and the caller's own side does not let it call the route.
    public static let callerNotAllowedOut = DenialReason(kind: .callerNotAllowedOut)
}
