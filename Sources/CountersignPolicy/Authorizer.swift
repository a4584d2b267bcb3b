public import CountersignIdentity

/// Decides whether a request may be forwarded.
///
/// A total function without state: the same arguments always give the same decision, and what is not permitted by a
/// rule is denied. It allocates nothing.
public enum Authorizer {
    /// Decides about one request.
    ///
    /// The checks come in this order, and the first that fails is the reason: a verified certificate, an unambiguous
    /// identity, any identity, the domain's restriction, the route's scope, the route's sources, what the caller's own side says.
    ///
    /// - Parameters:
    ///   - caller: Who sends the request.
    ///   - domain: What the domain of the request's host demands.
    ///   - route: The policy of the route.
    ///   - endpointScope: Where the chosen endpoint runs; without it, no caller is in scope `org` or `space`.
    public static func decide(
        caller: Caller,
        domain: DomainPolicy,
        route: RoutePolicy,
        endpointScope: EndpointScope?
    ) -> Decision {
        switch domain {
        case .plain:
            // The route's owner asked for a check that this domain cannot make.
            guard route.form != .routePolicies else {
                return .deny(Denial(.noClientCertificate, route: route, caller: nil))
            }
            return .permit(Permit(.plainDomain, ignoresRouteOptions: route.form == .flatOptions))
        case .mutualTLS(let authorization):
            guard let key = caller.key else {
                return .deny(Denial(.noClientCertificate, route: route, caller: nil))
            }
            if authorization.mode == .unrestricted, route.form != .routePolicies {
                return .permit(Permit(.verifiedCaller, ignoresRouteOptions: route.form == .flatOptions))
            }
            let decision = decide(key, caller, authorization.mode, route, endpointScope)
            if case .deny(let denial) = decision, authorization.enforcement == .audit {
                return .permit(Permit(.audited(denial), ignoresRouteOptions: false))
            }
            return decision
        }
    }

    /// Decides about one request that came without TLS.
    ///
    /// Nobody is behind it, so no rule about callers can be met: on a domain with mutual TLS it passes only where the
    /// operator says so, and then whatever the route's policy is.
    ///
    /// - Parameters:
    ///   - domain: What the domain of the request's host demands.
    ///   - isAllowed: Whether the route, or else its domain, takes requests without TLS.
    ///   - route: The policy of the route.
    public static func decideWithoutTLS(domain: DomainPolicy, isAllowed: Bool, route: RoutePolicy) -> Decision {
        guard isAllowed else { return .deny(Denial(.noClientCertificate, route: route, caller: nil)) }
        switch domain {
        case .plain: return decide(caller: .anonymous, domain: .plain, route: route, endpointScope: nil)
        case .mutualTLS: return .permit(Permit(.plaintext, ignoresRouteOptions: true))
        }
    }

    /// Decides about a call of a local workload, by the rules of its host's forward proxy.
    ///
    /// For a host of no domain this is about its name alone: each address that it leads to is to be asked about by
    /// ``OutgoingRules/refusal(of:host:port:own:)`` before it is connected to.
    public static func decide(
        callTo host: HostName,
        port: UInt16,
        _ kind: OutgoingRules.Kind,
        by rules: OutgoingRules
    ) -> Result<(permit: Permit, way: OutgoingRules.Way), OutgoingRules.Refusal> {
        rules.way(to: host, port: port, for: kind)
            .map { (Permit(.outgoing($0), ignoresRouteOptions: false), $0) }
    }

    private static func decide(
        _ key: CallerKey,
        _ caller: Caller,
        _ mode: DomainAuthorization.Mode,
        _ route: RoutePolicy,
        _ endpointScope: EndpointScope?
    ) -> Decision {
        if key.isAmbiguous { return .deny(Denial(.ambiguousIdentity, route: route, caller: key)) }
        guard key.app != nil || key.spiffeID != nil else {
            return .deny(Denial(.noIdentity, route: route, caller: key))
        }
        if case .identity(let restriction) = mode, let denial = denial(key, restriction, route) { return .deny(denial) }
        if !route.admits(endpointScope, for: caller) { return .deny(outOfScope(key, route, endpointScope)) }
        if route.kinds.isEmpty { return .deny(Denial(.routeDefaultDeny, route: route, caller: key)) }
        if let source = route.source(permitting: key) {
            guard route.isPermittedByOwner(key) else {
                return .deny(Denial(.callerNotAllowedOut, route: route, caller: key))
            }
            return .permit(Permit(.source(source, route.form), ignoresRouteOptions: false))
        }
        return .deny(notAllowed(key, route))
    }

    private static func denial(_ key: CallerKey, _ restriction: CallerRestriction, _ route: RoutePolicy) -> Denial? {
        switch restriction {
        case .anyAuthenticated:
            return nil
        case .organizations(let organizations):
            guard key.app != nil else { return Denial(.noIdentity, route: route, caller: key) }
            if let organization = key.organization, organizations.contains(organization) { return nil }
            return Denial(.domainOrganizationNotAllowed, route: route, caller: key)
        case .spaces(let spaces):
            guard key.app != nil else { return Denial(.noIdentity, route: route, caller: key) }
            if let space = key.space, spaces.contains(space) { return nil }
            return Denial(.domainSpaceNotAllowed, route: route, caller: key)
        }
    }

    private static func outOfScope(_ key: CallerKey, _ route: RoutePolicy, _ endpoint: EndpointScope?) -> Denial {
        switch route.scope {
        case .organization:
            Denial(
                .organizationOutOfScope,
                route: route,
                caller: key,
                expected: endpoint?.organization
            )
        case .space:
            Denial(.spaceOutOfScope, route: route, caller: key, expected: endpoint?.space)
        case .any, nil:
            Denial(.routeScopeInvalid, route: route, caller: key)
        }
    }

    private static func notAllowed(_ key: CallerKey, _ route: RoutePolicy) -> Denial {
        if key.app != nil { return Denial(.appNotAllowed, route: route, caller: key) }
        // A SPIFFE ID where only apps are named: the certificate lacks what the policy is about.
        return Denial(route.kinds.contains(.spiffe) ? .spiffeIDNotAllowed : .noIdentity, route: route, caller: key)
    }
}

/// The proof that a request was authorized.
///
/// Forwarding takes one; it is in this file because only ``Authorizer`` may make one.
public struct Permit: Hashable, Sendable {
    /// The rule that let the request pass.
    public let rule: MatchedRule
    /// Whether the route states flat options that the domain does not enforce.
    public let ignoresRouteOptions: Bool

    fileprivate init(_ rule: MatchedRule, ignoresRouteOptions: Bool) {
        self.rule = rule
        self.ignoresRouteOptions = ignoresRouteOptions
    }

    /// The denial that was reported in place of refusing the request.
    public var auditedDenial: Denial? {
        switch rule {
        case .audited(let denial): denial
        case .plainDomain, .plaintext, .verifiedCaller, .source, .outgoing: nil
        }
    }

    /// The value of `mtls_auth` in the access log.
    public var outcome: AuthorizationOutcome {
        switch rule {
        case .audited: .wouldDeny
        case .plainDomain, .plaintext, .verifiedCaller, .source, .outgoing:
            ignoresRouteOptions ? .notEnforced : .allowed
        }
    }
}
