import CountersignIdentity
import CountersignPolicy
import CountersignRouting
import CountersignRuntime
import Testing

@Suite struct EndpointAddressesTests {
    private func routes(_ endpoints: [Endpoint]) throws -> [RouteDefinition] {
        [
            RouteDefinition(
                pattern: try RoutePattern(parsing: "a.example"),
                endpoints: endpoints,
                options: .empty,
                policy: .unstated,
                place: "test"
            )
        ]
    }

    private func addresses(_ texts: String...) -> [IPAddress] {
        texts.compactMap { IPAddress(Array($0.utf8).span) }
    }

    @Test func `a name with several addresses stands for as many endpoints`() throws {
        let endpoints = [Endpoint(host: "many.example", port: 80), Endpoint(host: "one.example", port: 80)]
        let found = EndpointAddresses(resolving: try routes(endpoints)) { name in
            name == "many.example" ? addresses("192.0.2.1", "2001:db8::1") : addresses("192.0.2.2")
        }
        #expect(found.routes[0].endpoints.map(\.host) == ["many.example", "many.example", "one.example"])
        #expect(
            found.routes[0].endpoints.map { $0.resolved?.description } == ["192.0.2.1", "2001:db8::1", "192.0.2.2"]
        )
    }

    @Test func `a name without an address cannot be connected to, be it over TLS or not`() throws {
        let endpoints = [
            Endpoint(host: "none.example", port: 80), Endpoint(host: "none.example", port: 443, usesTLS: true),
            Endpoint(host: "192.0.2.1", port: 443, usesTLS: true), Endpoint(host: "192.0.2.1", port: 80),
        ]
        let found = EndpointAddresses(resolving: try routes(endpoints)) { name in
            name == "none.example" ? [] : addresses(name)
        }
        #expect(found.routes[0].endpoints == endpoints)
        #expect(found.routes[0].endpoints.map { $0.resolved?.description } == [nil, nil, "192.0.2.1", "192.0.2.1"])
    }

    @Test func `each name is resolved once`() throws {
        var asked: [String] = []
        let endpoint = Endpoint(host: "a.example", port: 80)
        let both = try routes([endpoint]) + routes([endpoint])
        _ = EndpointAddresses(resolving: both) { name in
            asked.append(name)
            return []
        }
        #expect(asked == ["a.example"])
    }
}
