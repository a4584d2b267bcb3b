import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct ControlledRoutesTests {
    private let registry = TestRegistry()

    @Test func `a route of the control plane comes and goes`() throws {
        try registry.setControlled("a.example", ["10.0.0.1:80"])
        #expect(registry.told() == ["a.example": ["10.0.0.1:80"]])
        try registry.setControlled("a.example", ["10.0.0.2:80"])
        #expect(registry.told() == ["a.example": ["10.0.0.2:80"]])
        try registry.removeControlled("a.example")
        #expect(registry.told() == ["a.example": nil])
        #expect(registry.routeCount == 0)
        try registry.removeControlled("a.example")
        #expect(registry.told().isEmpty)
    }

    @Test func `a route without endpoints has those of the bus, and its own policy`() throws {
        _ = try registry.add("a.example", "10.0.0.9", 80)
        _ = registry.told()
        try registry.setControlled("a.example", sources: "cf:app:a")
        let route = try #require(registry.changes().first?.route)
        #expect(route.endpoints.map(\.address) == ["10.0.0.9:80"])
        #expect(route.policy.sources.map(\.description) == ["cf:app:a"])
        _ = try registry.add("a.example", "10.0.0.8", 80)
        #expect(registry.told() == ["a.example": ["10.0.0.9:80", "10.0.0.8:80"]])
        try registry.removeControlled("a.example")
        #expect(registry.sources() == [])
    }

    @Test func `a route with endpoints takes nothing from the bus`() throws {
        try registry.setControlled("a.example", ["10.0.0.1:80"])
        _ = registry.told()
        #expect(try registry.add("a.example", "10.0.0.9", 80) == .shadowed)
        #expect(registry.told().isEmpty)
        try registry.removeControlled("a.example")
        #expect(registry.told() == ["a.example": ["10.0.0.9:80"]])
    }

    @Test func `a route without any endpoint is known`() throws {
        try registry.setControlled("a.example")
        #expect(registry.told() == ["a.example": []])
    }

    @Test func `the file counts before the control plane`() throws {
        try registry.setControlled("a.example", ["10.0.0.1:80"])
        try registry.setFixed(["a.example"])
        let fixed = registry.told()
        #expect(fixed.keys.sorted() == ["a.example"] && fixed != ["a.example": ["10.0.0.1:80"]])
        try registry.setFixed([])
        #expect(registry.told() == ["a.example": ["10.0.0.1:80"]])
    }

    @Test func `all go but those that are kept`() throws {
        for route in ["a.example", "b.example/v1", "c.example"] { try registry.setControlled(route, ["10.0.0.1:80"]) }
        _ = try registry.add("d.example", "10.0.0.9", 80)
        _ = registry.told()
        try registry.removeControlled(except: ["b.example/v1"])
        #expect(registry.told() == ["a.example": nil, "c.example": nil])
    }
}
