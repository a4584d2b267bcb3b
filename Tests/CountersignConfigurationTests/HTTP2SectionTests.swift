import CountersignConfiguration
import CountersignRouting
import Testing

@Suite struct HTTP2SectionTests {
    @Test func whatIsLeftOutHasTheStatedDefaults() throws {
        let result = load(RouterSectionTests.smallest)
        let http2 = try #require(result.configuration?.router).http2
        #expect(http2 == HTTP2Section())
        #expect(http2.isEnabled && http2.maximumConcurrentStreams == 100)
        #expect(http2.streamWindow == 262_144 && http2.connectionWindow == 1_048_576)
    }

    @Test func itsKeysReachTheModel() throws {
        let yaml =
            RouterSectionTests.smallest + """
                  http2:
                    enabled: false
                    max_concurrent_streams: 7
                    stream_window_bytes: 65535
                    connection_window_bytes: 131072

                """
        let result = load(yaml)
        #expect(result.problems == [])
        let http2 = try #require(result.configuration?.router).http2
        #expect(!http2.isEnabled && http2.maximumConcurrentStreams == 7)
        #expect(http2.streamWindow == 65_535 && http2.connectionWindow == 131_072)
    }

    @Test(arguments: ["max_concurrent_streams: 0", "stream_window_bytes: 1000", "enabled: perhaps", "window: 5"])
    func whatIsOutOfRangeOrUnknownIsAProblem(_ line: String) {
        #expect(!load(RouterSectionTests.smallest + "  http2: { \(line) }\n").problems.isEmpty)
    }

    @Test func endpointsSpeakWhatTheirRouteSays() throws {
        let yaml =
            RouterSectionTests.smallest + """
                  routes:
                    - { route: a.example.com, endpoints: ["127.0.0.1:9000"], protocol: http2 }
                    - { route: b.example.com, endpoints: ["127.0.0.1:9000"] }

                """
        let routes = try #require(load(yaml).configuration?.router).routes
        let spoken = routes.map { route -> Endpoint.ApplicationProtocol? in
            guard case .endpoints(let endpoints) = route.target else { return nil }
            return endpoints.first?.applicationProtocol
        }
        #expect(spoken == [.http2, .http1])
        let unknown = yaml.replacing("http2", with: "http3")
        #expect(!load(unknown).problems.isEmpty)
    }
}
