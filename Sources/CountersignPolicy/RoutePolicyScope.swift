/// How near a caller has to be to the endpoint that serves it.
public enum RoutePolicyScope: String, Hashable, Sendable, CaseIterable {
    /// Anywhere.
    case any
    /// In the endpoint's organization.
    case organization = "org"
    /// In the endpoint's space.
    case space
}
