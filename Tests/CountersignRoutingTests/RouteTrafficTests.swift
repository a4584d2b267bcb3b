import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct RouteTrafficTests {
    private func read(_ pairs: [(String, RouteOptionValue)]) throws -> (traffic: RouteTraffic, ignored: [PolicyError]) {
        var ignored: [PolicyError] = []
        let options = try RouteOptions(pairs.map { RouteOptions.Element($0.0, $0.1) })
        return (RouteTraffic(lenient: options, ignored: &ignored), ignored)
    }

    @Test func `a route without options takes upgrades and nothing else`() throws {
        let read = try read([("mtls_allow_any", true)])
        #expect(read.traffic == RouteTraffic() && read.ignored.isEmpty)
        #expect(read.traffic.upgrades == .allow && !read.traffic.allowsTunnels && !read.traffic.sendsProxyHeader)
        #expect(read.traffic.takesPlaintext == nil)
    }

    @Test func `each option says one thing`() throws {
        let read = try read([("upgrade", "refuse"), ("tunnel", true), ("proxy_protocol", "v2"), ("plaintext", false)])
        #expect(read.ignored.isEmpty)
        #expect(read.traffic.upgrades == .refuse && read.traffic.allowsTunnels && read.traffic.sendsProxyHeader)
        #expect(read.traffic.takesPlaintext == false)
    }

    @Test(
        arguments: [
            ("upgrade", "yes"), ("upgrade", true), ("tunnel", "true"), ("tunnel", 1), ("proxy_protocol", "v1"),
            ("proxy_protocol", true), ("plaintext", "allow"), ("plaintext", 0),
        ] as [(String, RouteOptionValue)]
    )
    func `what is not usable is left out and told`(name: String, value: RouteOptionValue) throws {
        let read = try read([(name, value)])
        #expect(read.traffic == RouteTraffic())
        #expect(read.ignored.map(\.options) == [[name]])
    }
}
