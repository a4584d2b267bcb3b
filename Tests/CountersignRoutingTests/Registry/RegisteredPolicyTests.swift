import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct RegisteredPolicyTests {
    private let registry = TestRegistry()

    @Test func `the last wording decides, and a repetition of an older one does not`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80, options: try options("a,b"), signature: 1)
        _ = try registry.add("a.example", "10.0.0.2", 80, options: try options("a,b"), signature: 2)
        #expect(registry.sources() == ["cf:app:a", "cf:app:b"])
        _ = try registry.add("a.example", "10.0.0.1", 80, options: try options("a"), signature: 3)
        #expect(registry.sources() == ["cf:app:a"])
        #expect(registry.again("a.example", 2, now: 1))
        #expect(registry.sources() == nil, "nothing has changed")
        _ = try registry.add("a.example", "10.0.0.2", 80, options: try options("a"), signature: 4)
        #expect(registry.sources() == ["cf:app:a"])
    }

    @Test func `an instance without options does not open what another restricts`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80, options: try options("a"))
        _ = try registry.add("a.example", "10.0.0.2", 80)
        #expect(registry.sources() == ["cf:app:a"])
        _ = try registry.add("a.example", "10.0.0.1", 80, signature: 2)
        #expect(registry.sources() == [])
    }

    @Test func `the options of an instance that is gone are gone`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80, options: try options("a"))
        _ = try registry.add("a.example", "10.0.0.2", 80, options: try options("b"))
        #expect(registry.sources() == ["cf:app:b"])
        #expect(try registry.drop("a.example", "10.0.0.2", 80))
        #expect(registry.sources() == ["cf:app:a"])
    }

    @Test func `what is wrong with options narrows, and is told`() throws {
        var ignored: [PolicyError] = []
        let elements = [
            RouteOptions.Element("route_policy_scope", "galaxy"), .init("route_policy_sources", "cf:app:a,nonsense"),
        ]
        let made = RegisteredOptions(source: [], options: try RouteOptions(elements), ignored: &ignored)
        #expect(made.policy.scope == nil && made.policy.sources.map(\.description) == ["cf:app:a"])
        #expect(ignored.count == 2)
    }

    private func options(_ apps: String) throws -> RegisteredOptions {
        var ignored: [PolicyError] = []
        let sources = apps.split(separator: ",").map { "cf:app:\($0)" }.joined(separator: ",")
        let elements = [
            RouteOptions.Element("route_policy_scope", "any"), .init("route_policy_sources", .string(sources)),
        ]
        return RegisteredOptions(source: Array(apps.utf8), options: try RouteOptions(elements), ignored: &ignored)
    }
}
