import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct RouteRegistryTests {
    private let registry = TestRegistry()

    @Test func `an endpoint makes a route, and its end ends it`() throws {
        #expect(try registry.add("a.example", "10.0.0.1", 80) == .added)
        #expect(registry.told() == ["a.example": ["10.0.0.1:80"]])
        #expect(try registry.drop("a.example", "10.0.0.1", 80))
        #expect(registry.told() == ["a.example": nil])
        #expect(registry.routeCount == 0 && registry.endpointCount == 0)
    }

    @Test func `the same host and port takes the place, another is added`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        #expect(try registry.add("a.example", "10.0.0.1", 80, signature: 2) == .replaced)
        #expect(try registry.add("a.example", "10.0.0.1", 81) == .added)
        #expect(try registry.add("a.example", "10.0.0.2", 80) == .added)
        #expect(registry.told() == ["a.example": ["10.0.0.1:80", "10.0.0.1:81", "10.0.0.2:80"]])
        #expect(registry.endpointCount == 3)
    }

    @Test func `only the same host, port and route are forgotten`() throws {
        _ = try registry.add("a.example/v1", "10.0.0.1", 80)
        _ = registry.told()
        #expect(try !registry.drop("a.example", "10.0.0.1", 80))
        #expect(try !registry.drop("a.example/v2", "10.0.0.1", 80))
        #expect(try !registry.drop("a.example/v1", "10.0.0.2", 80))
        #expect(try !registry.drop("a.example/v1", "10.0.0.1", 81))
        #expect(registry.told().isEmpty && registry.endpointCount == 1)
        #expect(try registry.drop("A.example/v1/", "10.0.0.1", 80))
    }

    @Test func `a repetition changes the time alone, another wording is none`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80, signature: 7, now: 0)
        _ = registry.told()
        #expect(registry.again("a.example", 7, now: 100 * second))
        #expect(registry.told().isEmpty)
        #expect(!registry.again("a.example", 8, now: 100))
        #expect(!registry.again("A.example", 7, now: 100))
        #expect(!registry.again("b.example", 7, now: 100))
        #expect(registry.prune(now: 220 * second) == 0)
        #expect(registry.prune(now: 221 * second) == 1)
    }

    @Test(arguments: [(nil, 120), (UInt32(20), 20), (500, 120), (1, 1)] as [(UInt32?, UInt64)])
    func `an endpoint that is not registered again ends after the shorter of the times`(
        lifetime: UInt32?,
        seconds: UInt64
    ) throws {
        _ = try registry.add("a.example", "10.0.0.1", 80, lifetime: lifetime)
        #expect(registry.prune(now: seconds * second) == 0)
        _ = registry.told()
        #expect(registry.prune(now: seconds * second + 1) == 1)
        #expect(registry.told() == ["a.example": nil])
    }

    @Test func `an endpoint with TLS does not end with time`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 443, usesTLS: true)
        _ = try registry.add("a.example", "10.0.0.1", 80)
        #expect(registry.prune(now: 100_000 * second) == 1)
        #expect(registry.told() == ["a.example": ["10.0.0.1:443"]])
    }

    @Test func `after a time in which nothing could be heard, everything counts as registered`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        registry.refreshAll(now: 1_000 * second)
        #expect(registry.prune(now: 1_120 * second) == 0)
        #expect(registry.prune(now: 1_121 * second) == 1)
    }

    @Test func `a route of the file counts before what is registered, and what is registered after it`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = registry.told()
        try registry.setFixed(["a.example", "b.example"])
        #expect(registry.told() == ["a.example": [], "b.example": []])
        #expect(try registry.add("a.example", "10.0.0.2", 80) == .shadowed)
        #expect(registry.told().isEmpty)
        try registry.setFixed([])
        #expect(registry.told() == ["a.example": ["10.0.0.1:80", "10.0.0.2:80"], "b.example": nil])
    }

    @Test func `without the bus, only the routes of the file stay`() throws {
        try registry.setFixed(["b.example"])
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = registry.told()
        #expect(registry.removeRegistered() == 1)
        #expect(registry.told() == ["a.example": nil])
        #expect(registry.routeCount == 1)
    }

    @Test func `what came and went between two looks is not told`() throws {
        _ = try registry.add("a.example", "10.0.0.1", 80)
        _ = try registry.drop("a.example", "10.0.0.1", 80)
        #expect(registry.told().isEmpty && registry.routeCount == 0)
    }
}
