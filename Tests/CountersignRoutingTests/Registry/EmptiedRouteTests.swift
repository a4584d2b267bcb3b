import CountersignPolicy
import CountersignRouting
import Testing

/// A route whose last endpoint has ended is known for a while, so that callers hear of an outage and not of a wrong name.
@Suite struct EmptiedRouteTests {
    private let registry = TestRegistry()

    init() {
        registry.keepEmptied(for: 30 * second)
    }

    @Test func `it is there without endpoints until the time is over`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = registry.told()
        #expect(try registry.drop("a.example", "10.0.0.1", 80, now: 100 * second))
        #expect(registry.told() == ["a.example": []])
        #expect(registry.routeCount == 1 && registry.endpointCount == 0)
        #expect(registry.dropEmptied(now: 130 * second - 1) == 0)
        #expect(registry.told().isEmpty)
        #expect(registry.dropEmptied(now: 130 * second) == 1)
        #expect(registry.told() == ["a.example": nil])
        #expect(registry.routeCount == 0)
    }

    @Test func `an endpoint that comes in time has it stay`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = try registry.drop("a.example", "10.0.0.1", 80, now: 100 * second)
        _ = try registry.add("a.example", "10.0.0.2", 80, now: 110 * second)
        _ = registry.told()
        #expect(registry.dropEmptied(now: 200 * second) == 0)
        #expect(registry.told().isEmpty && registry.routeCount == 1)
    }

    @Test func `emptied anew it has its whole time again`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = try registry.drop("a.example", "10.0.0.1", 80, now: 100 * second)
        _ = try registry.add("a.example", "10.0.0.1", 80, now: 110 * second)
        _ = try registry.drop("a.example", "10.0.0.1", 80, now: 120 * second)
        #expect(registry.dropEmptied(now: 140 * second) == 0)
        #expect(registry.dropEmptied(now: 150 * second) == 1)
    }

    @Test func `what ends with time empties a route as well`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = registry.told()
        #expect(registry.prune(now: 121 * second) == 1)
        #expect(registry.told() == ["a.example": []])
        #expect(registry.dropEmptied(now: 151 * second) == 1)
    }

    @Test func `a route with another endpoint, and one of a registry that keeps none, are not emptied`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = try registry.add("a.example", "10.0.0.2", 80)
        _ = try registry.drop("a.example", "10.0.0.1", 80, now: 0)
        #expect(registry.dropEmptied(now: 100 * second) == 0)
        registry.keepEmptied(for: 0)
        _ = registry.told()
        _ = try registry.drop("a.example", "10.0.0.2", 80, now: 0)
        #expect(registry.told() == ["a.example": nil])
    }

    @Test func `who may call is asked as long as it is there`() throws {
        let options = try RouteOptions([.init("mtls_allowed_apps", "d76446a1-f429-4444-8797-be2f78b75b08")])
        var ignored: [PolicyError] = []
        let registered = RegisteredOptions(source: [1], options: options, ignored: &ignored)
        _ = try registry.add("a.example", "10.0.0.1", 80, options: registered)
        _ = try registry.drop("a.example", "10.0.0.1", 80, now: 0)
        let route = registry.changes().first?.route
        #expect(route?.endpoints.isEmpty == true && route?.policy.form == .flatOptions)
    }

    @Test func `without the bus it ends at once`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = try registry.drop("a.example", "10.0.0.1", 80, now: 0)
        _ = registry.told()
        #expect(registry.removeRegistered() == 0)
        #expect(registry.told() == ["a.example": nil])
    }
}
