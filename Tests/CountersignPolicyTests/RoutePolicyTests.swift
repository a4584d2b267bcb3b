import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct RoutePolicyTests {
    @Test func `allow lists become sources`() throws {
        let policy = try Fixture.policy(
            ("mtls_allowed_apps", "a, b"),
            ("loadbalancing", "round-robin"),
            ("mtls_allowed_spaces", "s"),
            ("mtls_allowed_orgs", "o"),
            ("mtls_allow_any", false)
        )
        #expect(policy.form == .flatOptions)
        #expect(policy.sources.map(\.description) == ["cf:app:a", "cf:app:b", "cf:space:s", "cf:org:o"])
        #expect(policy.kinds == [.apps, .spaces, .organizations])
    }

    @Test func `route policies become scope and sources`() throws {
        let policy = try Fixture.policy(
            ("route_policy_scope", "org"),
            ("route_policy_sources", "cf:app:a,cf:space:s,spiffe://td/*")
        )
        #expect(policy.form == .routePolicies)
        #expect(policy.scope == .organization)
        #expect(policy.sources.map(\.description) == ["cf:app:a", "cf:space:s", "spiffe://td/*"])
    }

    @Test func `a scope alone is a policy without sources`() throws {
        let policy = try Fixture.policy(("route_policy_scope", "any"))
        #expect(policy.form == .routePolicies)
        #expect(policy.kinds.isEmpty)
    }

    @Test func `options of other features are no policy`() throws {
        #expect(try Fixture.policy(("loadbalancing", "hash"), ("hash_header", "X-Id")).form == .unstated)
    }

    static let refused: [(pairs: [(String, RouteOptionValue)], code: PolicyError.Code, names: [String])] = [
        (
            [("mtls_allowed_apps", "a"), ("mtls_allow_any", true), ("mtls_allowed_orgs", "o")], .conflictingOptions,
            ["mtls_allow_any", "mtls_allowed_apps", "mtls_allowed_orgs"]
        ),
        (
            [("mtls_allow_any", true), ("mtls_allowed_spaces", "s")], .conflictingOptions,
            ["mtls_allow_any", "mtls_allowed_spaces"]
        ),
        (
            [("mtls_allowed_apps", "a"), ("route_policy_scope", "any")], .conflictingOptions,
            ["mtls_allowed_apps", "route_policy_scope"]
        ),
        ([("mtls_allowed_apps", true)], .wrongType, ["mtls_allowed_apps"]),
        ([("mtls_allowed_orgs", 3)], .wrongType, ["mtls_allowed_orgs"]),
        ([("mtls_allow_any", "true")], .wrongType, ["mtls_allow_any"]),
        ([("mtls_allow_any", 1)], .wrongType, ["mtls_allow_any"]),
        ([("route_policy_scope", true)], .wrongType, ["route_policy_scope"]),
        ([("mtls_allowed_apps", "")], .invalidValue, ["mtls_allowed_apps"]),
        ([("mtls_allowed_apps", "a,,b")], .invalidValue, ["mtls_allowed_apps"]),
        ([("mtls_allowed_apps", "a,")], .invalidValue, ["mtls_allowed_apps"]),
        ([("mtls_allowed_spaces", "a b")], .invalidValue, ["mtls_allowed_spaces"]),
        ([("route_policy_scope", "team")], .invalidValue, ["route_policy_scope"]),
        ([("route_policy_scope", "Any")], .invalidValue, ["route_policy_scope"]),
        ([("route_policy_sources", "cf:any")], .missingScope, ["route_policy_sources"]),
        (
            [("route_policy_scope", "any"), ("route_policy_sources", "cf:any,cf:app:a")], .conflictingSources,
            ["route_policy_sources"]
        ),
        ([("route_policy_scope", "any"), ("route_policy_sources", "app:a")], .invalidSource, ["route_policy_sources"]),
        ([("mtls_allowed_app", "a")], .unknownOption, ["mtls_allowed_app"]),
        ([("route_policies_scope", "org")], .unknownOption, ["route_policies_scope"]),
    ]

    @Test(arguments: refused)
    func `an unusable policy is refused with the names of its options`(
        refused: (pairs: [(String, RouteOptionValue)], code: PolicyError.Code, names: [String])
    ) throws {
        let options = try Fixture.options(refused.pairs)
        let error = #expect(throws: PolicyError.self) { try RoutePolicy(options) }
        #expect(error?.code == refused.code)
        #expect(error?.options == refused.names)
        for name in refused.names { #expect(error?.message.contains(name) == true) }
    }

    static let tolerated: [(pairs: [(String, RouteOptionValue)], sources: [String], scope: RoutePolicyScope?)] = [
        ([("mtls_allow_any", true), ("mtls_allowed_apps", "a")], ["cf:app:a"], .any),
        ([("mtls_allow_any", true), ("mtls_allowed_apps", "a b")], [], .any),
        ([("mtls_allow_any", "true"), ("mtls_allowed_apps", "a")], ["cf:app:a"], .any),
        ([("mtls_allowed_apps", "a,b c"), ("mtls_allowed_orgs", "o")], ["cf:org:o"], .any),
        ([("mtls_allowed_apps", 7)], [], .any),
        ([("mtls_allowed_apps", "a"), ("route_policy_scope", "space")], [], .space),
        ([("route_policy_scope", "team"), ("route_policy_sources", "cf:app:a")], ["cf:app:a"], nil),
        ([("route_policy_scope", 1), ("route_policy_sources", "cf:app:a")], ["cf:app:a"], nil),
        ([("route_policy_scope", "any"), ("route_policy_sources", "cf:any,cf:app:a")], ["cf:app:a"], .any),
        ([("route_policy_scope", "any"), ("route_policy_sources", "oidc:x,,cf:app:a")], ["cf:app:a"], .any),
        ([("route_policy_sources", "cf:app:a")], ["cf:app:a"], .any),
        ([("mtls_allowed_app", "a"), ("mtls_allowed_apps", "b")], ["cf:app:b"], .any),
    ]

    @Test(arguments: tolerated)
    func `from the bus, what is wrong is ignored and reported and the rest acts`(
        tolerated: (pairs: [(String, RouteOptionValue)], sources: [String], scope: RoutePolicyScope?)
    ) throws {
        var ignored: [PolicyError] = []
        let policy = RoutePolicy(lenient: try Fixture.options(tolerated.pairs), ignored: &ignored)
        #expect(policy.sources.map(\.description) == tolerated.sources)
        #expect(policy.scope == tolerated.scope)
        #expect(!ignored.isEmpty)
    }

    @Test func `a usable policy from the bus reports nothing`() throws {
        var ignored: [PolicyError] = []
        let policy = RoutePolicy(lenient: try Fixture.options([("mtls_allow_any", true)]), ignored: &ignored)
        #expect(policy.sources == [.any])
        #expect(ignored.isEmpty)
    }

    @Test func `a misspelt option is told its right name`() throws {
        let options = try Fixture.options([("mtls_allowed_spcaes", "s")])
        let error = #expect(throws: PolicyError.self) { try RoutePolicy(options) }
        #expect(error?.message.contains("mtls_allowed_spaces") == true)
    }

    @Test func `endpoints out of scope are not candidates`() throws {
        let caller = Fixture.caller(app: "a", space: "s", organization: "o")
        let near = EndpointScope(organization: try Fixture.guid("o"), space: try Fixture.guid("s"))
        let sameOrganization = EndpointScope(organization: try Fixture.guid("o"), space: try Fixture.guid("t"))
        let untagged = EndpointScope(organization: nil, space: nil)
        let space = try Fixture.policy(("route_policy_scope", "space"))
        let organization = try Fixture.policy(("route_policy_scope", "org"))
        let any = try Fixture.policy(("route_policy_scope", "any"))
        #expect(space.admits(near, for: caller) && !space.admits(sameOrganization, for: caller))
        #expect(organization.admits(near, for: caller) && organization.admits(sameOrganization, for: caller))
        #expect(any.admits(untagged, for: caller) && !space.admits(untagged, for: caller))
        #expect(!organization.admits(untagged, for: caller) && !organization.admits(nil, for: caller))
        #expect(!space.admits(untagged, for: Fixture.caller(app: "a")))
        #expect(!organization.admits(near, for: .anonymous) && !space.admits(near, for: .anonymous))
    }
}
