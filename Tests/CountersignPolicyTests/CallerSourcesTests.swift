import CountersignPolicy
import Testing

/// `route_policy_caller_sources`: the callers' owners have to allow as well.
@Suite struct CallerSourcesTests {
    private static func decide(_ app: String, _ sources: String, _ callers: RouteOptionValue?) throws -> Decision {
        var pairs: [(String, RouteOptionValue)] = [
            ("route_policy_scope", "any"), ("route_policy_sources", .string(sources)),
        ]
        if let callers { pairs.append(("route_policy_caller_sources", callers)) }
        var ignored: [PolicyError] = []
        let policy = RoutePolicy(lenient: try Fixture.options(pairs), ignored: &ignored)
        return Fixture.decide(Fixture.caller(app: app, space: "s", organization: "o"), policy)
    }

    private static func isPermitted(_ decision: Decision) -> Bool {
        if case .permit = decision { true } else { false }
    }

    @Test(arguments: ["cf:app:a", "cf:space:s", "cf:org:o", "cf:any", "cf:app:x,cf:app:a", "cf:any,cf:app:x"])
    func `a caller whose owner names it passes`(callers: String) throws {
        #expect(Self.isPermitted(try Self.decide("a", "cf:app:a", .string(callers))))
        #expect(!Self.isPermitted(try Self.decide("b", "cf:app:a", .string(callers))))
    }

    @Test(arguments: ["", "cf:app:b", "cf:org:other", "nonsense", ",", "spiffe://td/*"])
    func `a caller whose owner does not name it is denied with that reason`(callers: String) throws {
        guard case .deny(let denial) = try Self.decide("a", "cf:any", .string(callers)) else {
            Issue.record("permitted")
            return
        }
        #expect(denial.reason == .callerNotAllowedOut)
        #expect(denial.policy == "caller:caller_policies")
        #expect(denial.explanation == "caller app a has no caller policy for this route")
    }

    @Test func `an option of another type permits nobody`() throws {
        #expect(!Self.isPermitted(try Self.decide("a", "cf:any", true)))
    }

    @Test func `without the option nobody is asked`() throws {
        #expect(Self.isPermitted(try Self.decide("a", "cf:any", nil)))
    }

    @Test func `the callers' side alone lets nobody in`() throws {
        let policy = try Fixture.policy(("route_policy_scope", "any"), ("route_policy_caller_sources", "cf:any"))
        #expect(!Self.isPermitted(Fixture.decide(Fixture.caller(app: "a"), policy)))
    }

    @Test func `audit concerns domains that decide by nothing but policies`() throws {
        let policy = try Fixture.policy(("route_policy_scope", "any"))
        let caller = Fixture.caller(app: "a")
        for (enforcement, passes) in [(Enforcement.audit, true), (.enforce, false)] {
            let domain = DomainPolicy.mutualTLS(.unrestricted(enforcement: enforcement))
            #expect(Self.isPermitted(Fixture.decide(caller, domain, policy)) == passes)
        }
    }
}
