import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct DenialTests {
    static let app = "d76446a1-f429-4444-8797-be2f78b75b08"

    static func denial(_ caller: Caller, _ options: [(String, RouteOptionValue)]) throws -> Denial {
        let route = try RoutePolicy(Fixture.options(options))
        return try #require(Fixture.decide(caller, route).denial)
    }

    @Test func `a denial by allow lists names the caller and the lists`() throws {
        let caller = Fixture.caller(app: Self.app, space: "s", organization: "o")
        let one = try Self.denial(caller, [("mtls_allowed_apps", "x")])
        #expect(one.reason == .appNotAllowed)
        #expect(one.policy == "route:mtls_allowed_apps")
        #expect(one.explanation == "caller app \(Self.app) not in mtls_allowed_apps")
        let two = try Self.denial(caller, [("mtls_allowed_orgs", "x"), ("mtls_allowed_apps", "x")])
        #expect(two.policy == "route:mtls_allowed_apps,mtls_allowed_orgs")
    }

    @Test func `a denial by route policies uses the accepted words`() throws {
        let caller = Fixture.caller(app: Self.app)
        let denial = try Self.denial(caller, [("route_policy_scope", "any"), ("route_policy_sources", "cf:app:x")])
        #expect(denial.policy == "route:route_policies")
        #expect(denial.explanation == "caller app \(Self.app) not in route_policies")
        let none = try Self.denial(caller, [("route_policy_scope", "any")])
        #expect(none.reason == .routeDefaultDeny)
        #expect(none.policy == "route:no_route_policies")
        #expect(none.explanation == "route has no route policies configured")
    }

    @Test func `a certificate without identity is told so`() throws {
        let denial = try Self.denial(Fixture.caller(), [("mtls_allow_any", true)])
        #expect(denial.reason == .noIdentity)
        #expect(denial.policy == "identity_extraction")
        #expect(denial.explanation == "certificate does not contain CF identity OU fields")
    }

    @Test func `a SPIFFE caller among SPIFFE sources is named`() throws {
        let caller = Fixture.caller(spiffe: ["spiffe://td/a"])
        let denial = try Self.denial(
            caller,
            [("route_policy_scope", "any"), ("route_policy_sources", "spiffe://td/b")]
        )
        #expect(denial.reason == .spiffeIDNotAllowed)
        #expect(denial.explanation == "caller SPIFFE ID spiffe://td/a not in route_policies")
        // Where only apps are named, what is missing is the app.
        let apps = try Self.denial(caller, [("mtls_allowed_apps", "x")])
        #expect(apps.reason == .noIdentity)
    }

    @Test func `an ambiguous certificate is explained`() throws {
        let caller = Fixture.caller(app: "a", extraUnits: ["app:b"])
        let denial = try Self.denial(caller, [("mtls_allow_any", true)])
        #expect(denial.reason == .ambiguousIdentity)
        #expect(denial.explanation == IdentityAmbiguity.repeatedApp.explanation)
    }

    @Test func `every reason has a label from the closed set`() {
        let reasons: [DenialReason] = [
            .noClientCertificate, .ambiguousIdentity, .noIdentity, .domainOrganizationNotAllowed,
            .domainSpaceNotAllowed,
            .routeScopeInvalid, .organizationOutOfScope, .spaceOutOfScope, .routeDefaultDeny, .appNotAllowed,
            .spiffeIDNotAllowed, .callerNotAllowedOut,
        ]
        #expect(Set(reasons.map(\.metricLabel)) == Set(DenialReason.allMetricLabels))
        #expect(DenialReason.allMetricLabels.count == reasons.count)
    }
}
