import Testing

@testable import CountersignRouting

@Suite struct RegistryRoomTests {
    @Test func `a route that has all the endpoints it may have takes up no other, and keeps what it has`() throws {
        var registry = RouteRegistry(seed: seed)
        let full = try #require(registry.makePlace(for: try RoutePattern(parsing: "a.example")))
        #expect(registry.register(full, Self.registration(0), now: 0) == .added)
        let member = try #require(registry.entries[full]?.members.first)
        registry.entries[full]?.members += Array(repeating: member, count: RouteRegistry.maximumEndpointsOfRoute - 2)

        #expect(registry.register(full, Self.registration(1), now: 0) == .added)
        #expect(registry.register(full, Self.registration(2), now: 0) == .refused)
        #expect(registry.register(full, Self.registration(1), now: 1) == .replaced)
        #expect(registry.entries[full]?.members.count == RouteRegistry.maximumEndpointsOfRoute)

        let other = try #require(registry.makePlace(for: try RoutePattern(parsing: "b.example")))
        #expect(registry.register(other, Self.registration(2), now: 0) == .added)
    }

    private static func registration(_ port: UInt16) -> EndpointRegistration {
        EndpointRegistration(
            endpoint: Endpoint(host: "10.0.0.1", port: 1 + port, usesTLS: false),
            options: nil,
            lifetime: nil,
            signature: UInt64(port)
        )
    }
}
