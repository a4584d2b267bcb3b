import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct AuthorizerTests {
    static let frontend = Fixture.caller(app: "frontend", space: "s1", organization: "o1")
    static let workload = Fixture.caller(spiffe: ["spiffe://td/ns/prod/sa/web"])

    /// A caller that the options permit, with the rule in the log, and one that they deny.
    static let flat: [(pairs: [(String, RouteOptionValue)], permitted: Caller, rule: String, denied: Caller)] = [
        (
            [("mtls_allowed_apps", "frontend")], frontend, "route:mtls_allowed_apps",
            Fixture.caller(app: "other", space: "s1", organization: "o1")
        ),
        ([("mtls_allowed_apps", "x,frontend")], frontend, "route:mtls_allowed_apps", Fixture.caller(app: "y")),
        (
            [("mtls_allowed_spaces", "s1")], frontend, "route:mtls_allowed_spaces",
            Fixture.caller(app: "frontend", space: "s2", organization: "o1")
        ),
        (
            [("mtls_allowed_orgs", "o1")], frontend, "route:mtls_allowed_orgs",
            Fixture.caller(app: "frontend", space: "s1", organization: "o2")
        ),
        ([("mtls_allowed_orgs", "o1")], frontend, "route:mtls_allowed_orgs", Fixture.caller(app: "o1", space: "o1")),
        (
            [("mtls_allowed_apps", "z"), ("mtls_allowed_spaces", "s1")], frontend, "route:mtls_allowed_spaces",
            Fixture.caller(app: "s1", space: "z")
        ),
        (
            [("mtls_allowed_apps", "z"), ("mtls_allowed_orgs", "o1")], frontend, "route:mtls_allowed_orgs",
            Fixture.caller(app: "y", organization: "z")
        ),
        (
            [("mtls_allowed_apps", "z"), ("mtls_allowed_spaces", "z"), ("mtls_allowed_orgs", "o1")], frontend,
            "route:mtls_allowed_orgs", Fixture.caller(app: "y", space: "y", organization: "y")
        ),
        ([("mtls_allow_any", true)], frontend, "route:mtls_allow_any", workload),
        ([("mtls_allow_any", true)], Fixture.caller(app: "lonely"), "route:mtls_allow_any", .anonymous),
        (
            [("mtls_allow_any", false), ("mtls_allowed_apps", "frontend")], frontend, "route:mtls_allowed_apps",
            Fixture.caller(app: "b")
        ),
    ]

    @Test(arguments: flat)
    func `flat options permit who they name and deny everybody else`(
        row: (pairs: [(String, RouteOptionValue)], permitted: Caller, rule: String, denied: Caller)
    ) throws {
        let route = try RoutePolicy(Fixture.options(row.pairs))
        let permit = try #require(Fixture.decide(row.permitted, route).permit)
        #expect(permit.rule.description == row.rule)
        #expect(permit.outcome == .allowed)
        let decision = Fixture.decide(row.denied, route)
        #expect(decision.permit == nil)
        #expect(decision.outcome == .denied)
    }

    static let accepted: [(source: String, permitted: Caller, denied: Caller)] = [
        ("cf:app:frontend", frontend, Fixture.caller(app: "other", space: "s1", organization: "o1")),
        ("cf:space:s1", frontend, Fixture.caller(app: "s1", space: "s2", organization: "o1")),
        ("cf:org:o1", frontend, Fixture.caller(app: "frontend", space: "s1")),
        ("cf:any", frontend, workload),
        ("spiffe://td/ns/prod/sa/web", workload, Fixture.caller(spiffe: ["spiffe://td/ns/prod/sa/api"])),
        ("spiffe://td/ns/*/sa/web", workload, Fixture.caller(spiffe: ["spiffe://td/ns/prod/sa/api"])),
        ("spiffe://td/ns/prod/*", workload, Fixture.caller(spiffe: ["spiffe://td2/ns/prod/sa/web"])),
        ("spiffe://td/*", workload, frontend),
    ]

    @Test(arguments: accepted)
    func `a source permits who it names, in the words of the log, and nobody else`(
        row: (source: String, permitted: Caller, denied: Caller)
    ) throws {
        // `cf:any` stands alone; every other source has company.
        let sources = row.source == "cf:any" ? row.source : "cf:app:x," + row.source
        let route = try Fixture.policy(("route_policy_scope", "any"), ("route_policy_sources", .string(sources)))
        for domain in [DomainPolicy.mutualTLS(.none), .mutualTLS(.cfIdentity(.anyAuthenticated))] {
            let permit = try #require(Fixture.decide(row.permitted, domain, route).permit)
            #expect(permit.rule.description == "route:\(row.source)")
            #expect(Fixture.decide(row.denied, domain, route).permit == nil)
        }
    }

    @Test func `without options everybody is denied where identity decides`() {
        let decision = Fixture.decide(Self.frontend, .unstated)
        #expect(decision.denial?.reason == .routeDefaultDeny)
        #expect(decision.denial?.explanation == "route has no mtls_allowed_* options configured")
    }

    @Test func `an anonymous caller is denied on every mutual TLS domain`() throws {
        let open = try Fixture.policy(("mtls_allow_any", true))
        let restricted = DomainAuthorization.cfIdentity(.organizations([try Fixture.guid("o1")]))
        let audited = DomainAuthorization.cfIdentity(.anyAuthenticated, enforcement: .audit)
        for authorization in [DomainAuthorization.none, .cfIdentity(.anyAuthenticated), restricted, audited] {
            for route in [open, .unstated] {
                let decision = Fixture.decide(.anonymous, .mutualTLS(authorization), route)
                #expect(decision.denial?.reason == .noClientCertificate)
                #expect(decision.permit == nil)
            }
        }
    }

    @Test func `a plain domain lets everybody pass and says that options are not enforced`() throws {
        let stated = try Fixture.policy(("mtls_allowed_apps", "a"))
        #expect(Fixture.decide(.anonymous, .plain, .unstated).outcome == .allowed)
        #expect(Fixture.decide(.anonymous, .plain, stated).outcome == .notEnforced)
    }

    @Test func `a route with a scope is never served without a certificate`() throws {
        let route = try Fixture.policy(("route_policy_scope", "any"), ("route_policy_sources", "cf:any"))
        #expect(Fixture.decide(.anonymous, .plain, route).denial?.reason == .noClientCertificate)
        #expect(Fixture.decide(Self.frontend, .mutualTLS(.none), route).permit != nil)
    }

    @Test func `a domain without authorization takes every verified caller and warns about flat options`() throws {
        let stated = try Fixture.policy(("mtls_allowed_apps", "a"), ("mtls_allowed_orgs", "o"))
        let nobody = Fixture.caller()
        #expect(Fixture.decide(nobody, .mutualTLS(.none), .unstated).outcome == .allowed)
        let decision = Fixture.decide(nobody, .mutualTLS(.none), stated)
        #expect(decision.outcome == .notEnforced)
        #expect(decision.permit?.rule == .verifiedCaller)
        let warning =
            "route specifies mtls_allowed_apps,mtls_allowed_orgs but domain authorization.mode=none; rules ignored"
        #expect(DomainAuthorization.none.ignoredOptionsWarning(for: stated) == warning)
        #expect(DomainAuthorization.none.ignoredOptionsWarning(for: .unstated) == nil)
        #expect(DomainAuthorization.cfIdentity(.anyAuthenticated).ignoredOptionsWarning(for: stated) == nil)
    }

    @Test func `the domain's restriction comes before the route's policy`() throws {
        let open = try Fixture.policy(("mtls_allow_any", true))
        let organizations = DomainPolicy.mutualTLS(.cfIdentity(.organizations([try Fixture.guid("o1")])))
        let spaces = DomainPolicy.mutualTLS(.cfIdentity(.spaces([try Fixture.guid("s1")])))
        let stranger = Fixture.caller(app: "frontend", space: "s9", organization: "o9")
        #expect(Fixture.decide(Self.frontend, organizations, open).permit != nil)
        #expect(Fixture.decide(Self.frontend, spaces, open).permit != nil)
        let byOrganization = try #require(Fixture.decide(stranger, organizations, open).denial)
        #expect(byOrganization.reason == .domainOrganizationNotAllowed)
        #expect(byOrganization.policy == "domain:orgs")
        #expect(byOrganization.explanation == "caller org o9 not in domain authorization orgs")
        #expect(Fixture.decide(stranger, spaces, open).denial?.reason == .domainSpaceNotAllowed)
        #expect(
            Fixture.decide(Fixture.caller(app: "a"), organizations, open).denial?.reason
                == .domainOrganizationNotAllowed
        )
        #expect(Fixture.decide(Self.workload, organizations, open).denial?.reason == .noIdentity)
        #expect(Fixture.decide(Self.workload, spaces, open).denial?.reason == .noIdentity)
        // What the domain admits, the route still has to permit.
        #expect(Fixture.decide(Self.frontend, organizations, .unstated).permit == nil)
    }

    @Test func `the scope is compared with the endpoint's own place`() throws {
        let route = try Fixture.policy(("route_policy_scope", "org"), ("route_policy_sources", "cf:any"))
        let near = EndpointScope(organization: try Fixture.guid("o1"), space: nil)
        let far = EndpointScope(organization: try Fixture.guid("o2"), space: nil)
        #expect(Fixture.decide(Self.frontend, route, at: near).permit != nil)
        let denial = try #require(Fixture.decide(Self.frontend, route, at: far).denial)
        #expect(denial.reason == .organizationOutOfScope)
        #expect(denial.policy == "domain:scope=org")
        #expect(denial.explanation == "caller org o1 does not match selected backend o2")
        #expect(Fixture.decide(Self.frontend, route, at: nil).permit == nil)
        #expect(Fixture.decide(Self.workload, route, at: near).permit == nil)
    }

    @Test func `a scope that does not exist denies all`() throws {
        var ignored: [PolicyError] = []
        let options = try Fixture.options([("route_policy_scope", "team"), ("route_policy_sources", "cf:any")])
        let route = RoutePolicy(lenient: options, ignored: &ignored)
        #expect(Fixture.decide(Self.frontend, .mutualTLS(.none), route).denial?.reason == .routeScopeInvalid)
    }

    @Test func `audit lets through and reports the denial`() throws {
        let route = try Fixture.policy(("mtls_allowed_apps", "other"))
        let audited = DomainPolicy.mutualTLS(.cfIdentity(.anyAuthenticated, enforcement: .audit))
        let decision = Fixture.decide(Self.frontend, audited, route)
        #expect(decision.outcome == .wouldDeny)
        #expect(decision.denial?.reason == .appNotAllowed)
        #expect(decision.permit?.rule.description == "route:mtls_allowed_apps")
        #expect(Fixture.decide(Self.frontend, route).permit == nil)
        let permitted = Fixture.decide(Fixture.caller(app: "other"), audited, route)
        #expect(permitted.outcome == .allowed)
        #expect(permitted.denial == nil)
    }
}
