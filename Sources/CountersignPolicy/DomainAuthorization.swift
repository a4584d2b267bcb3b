/// How a mutual TLS domain decides which verified callers may call.
public struct DomainAuthorization: Hashable, Sendable {
    /// What is decided from.
    public enum Mode: Hashable, Sendable {
        /// Nothing: every verified caller may call. Flat route options are kept and not enforced; the policies of a
        /// route that has a scope are enforced here as anywhere.
        case unrestricted
        /// The caller's identity: first the domain's restriction, then the route's policy. No policy denies.
        case identity(CallerRestriction)
    }

    /// What is decided from.
    public let mode: Mode
    /// What a denial does.
    ///
    /// It concerns policies only: a missing client certificate is never let through.
    public let enforcement: Enforcement

    private init(mode: Mode, enforcement: Enforcement) {
        self.mode = mode
        self.enforcement = enforcement
    }

    /// Every verified caller may call: `mode: none`.
    public static let none = unrestricted(enforcement: .enforce)

    /// Every verified caller may call, except where a route has policies of its own; what those deny is refused, or only
    /// reported.
    public static func unrestricted(enforcement: Enforcement) -> DomainAuthorization {
        DomainAuthorization(mode: .unrestricted, enforcement: enforcement)
    }

    /// The identity decides: `mode: cf_identity`.
    public static func cfIdentity(
        _ restriction: CallerRestriction,
        enforcement: Enforcement = .enforce
    ) -> DomainAuthorization {
        DomainAuthorization(mode: .identity(restriction), enforcement: enforcement)
    }

    /// What to warn about when a route states flat options that this domain does not enforce; `nil` when it does not,
    /// or when they are enforced.
    public func ignoredOptionsWarning(for route: RoutePolicy) -> String? {
        guard mode == .unrestricted, route.form == .flatOptions else { return nil }
        let names = route.kinds.isEmpty ? "mtls_allowed_* options" : route.kinds.optionNames
        return "route specifies \(names) but domain authorization.mode=none; rules ignored"
    }
}
