public import CountersignIdentity

/// Which callers a domain admits at all; routes can only narrow this further.
public enum CallerRestriction: Hashable, Sendable {
    /// Every authenticated caller.
    case anyAuthenticated
    /// Callers of these organizations.
    case organizations(Set<CloudFoundryGUID>)
    /// Callers of these spaces.
    case spaces(Set<CloudFoundryGUID>)
}
