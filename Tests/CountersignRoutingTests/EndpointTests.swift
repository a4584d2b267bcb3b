import CountersignIdentity
import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:9000", "127.0.0.1", UInt16(9000)), ("Backend.internal:1", "backend.internal", 1),
        ("[::1]:65535", "::1", 65_535), ("a:80", "a", 80),
    ])
    func `an endpoint is parsed`(text: String, host: String, port: UInt16) throws {
        let endpoint = try Endpoint(parsing: text)
        #expect(endpoint.host == host && endpoint.port == port)
        #expect(!endpoint.usesTLS && endpoint.applicationProtocol == .http1)
        #expect(endpoint.address == text.lowercased())
    }

    @Test(arguments: [
        "", ":", ":80", "a", "a:", "a:0", "a:65536", "a:+80", "a:080", "a:-1", "a:8 0", "a:b", "::1:80", "[::1]",
        "http://a:80", "a:80/", "a:80:80", "a b:80",
    ])
    func `what is not a host and a port is refused`(text: String) {
        #expect(throws: RoutingError(.invalidEndpoint, "")) { try Endpoint(parsing: text) }
    }

    @Test func `its place comes from its tags`() throws {
        let tags = EndpointTags([("organization_id", "org-1"), ("space_id", "space-1"), ("component", "x")])
        let endpoint = Endpoint(host: "a", port: 80, tags: tags)
        #expect(endpoint.scope.organization == (try CloudFoundryGUID(parsing: "org-1")))
        #expect(endpoint.scope.space == (try CloudFoundryGUID(parsing: "space-1")))
    }

    @Test func `a tag that is no GUID is no place`() {
        let endpoint = Endpoint(
            host: "a",
            port: 80,
            tags: EndpointTags([("organization_id", ""), ("space_id", "a b")])
        )
        #expect(endpoint.scope == EndpointScope(organization: nil, space: nil))
    }
}
