import CountersignPolicy
import Testing

@Suite struct PlaintextDecisionTests {
    static let mutual = DomainPolicy.mutualTLS(.cfIdentity(.anyAuthenticated))

    private func policy(_ pairs: [(String, RouteOptionValue)]) throws -> RoutePolicy {
        try RoutePolicy(try RouteOptions(pairs.map { RouteOptions.Element($0.0, $0.1) }))
    }

    @Test(
        arguments: [
            [], [("mtls_allow_any", true)], [("mtls_allowed_apps", "d76446a1-f429-4444-8797-be2f78b75b08")],
            [("route_policy_scope", "any"), ("route_policy_sources", "cf:any")],
        ] as [[(String, RouteOptionValue)]]
    )
    func `where it is allowed it passes whatever the route's rules, and is marked as that`(
        pairs: [(String, RouteOptionValue)]
    ) throws {
        let route = try policy(pairs)
        guard case .permit(let permit) = Authorizer.decideWithoutTLS(domain: Self.mutual, isAllowed: true, route: route)
        else {
            Issue.record("denied")
            return
        }
        #expect(permit.rule == .plaintext && permit.rule.description == "plaintext")
        #expect(permit.outcome == .notEnforced && permit.auditedDenial == nil)
        guard case .deny(let denial) = Authorizer.decideWithoutTLS(domain: Self.mutual, isAllowed: false, route: route)
        else {
            Issue.record("permitted")
            return
        }
        #expect(denial.reason == .noClientCertificate)
    }

    @Test func `a host on no domain is decided upon as over TLS`() throws {
        let open = try policy([])
        guard case .permit(let permit) = Authorizer.decideWithoutTLS(domain: .plain, isAllowed: true, route: open)
        else {
            Issue.record("denied")
            return
        }
        #expect(permit.rule == .plainDomain)
        let bound = try policy([("route_policy_scope", "any"), ("route_policy_sources", "cf:any")])
        guard case .deny = Authorizer.decideWithoutTLS(domain: .plain, isAllowed: true, route: bound),
            case .deny = Authorizer.decideWithoutTLS(domain: .plain, isAllowed: false, route: open)
        else {
            Issue.record("permitted")
            return
        }
    }
}
