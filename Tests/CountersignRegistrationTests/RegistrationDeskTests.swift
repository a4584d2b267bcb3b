import CountersignIdentity
import CountersignPolicy
import CountersignRegistration
import CountersignRouting
import Testing

@Suite struct RegistrationDeskTests {
    private let bus = TestBus()

    static let whole = """
        {"host":"10.0.0.1","port":8080,"tls_port":61001,"protocol":"http2","uris":["A.example/v1?x","*.w.example"],
        "tags":{"component":"app","organization_id":"org-1","space_id":"space-1"},"app":"app-1",
        "private_instance_id":"instance-1","private_instance_index":"3","stale_threshold_in_seconds":20,
        "isolation_segment":"blue","server_cert_domain_san":"instance-1","availability_zone":"z1",
        "endpoint_updated_at_ns":1700000000000000000,"route_service_url":"","unknown":[{"a":1.5e3},null,true],
        "options":{"loadbalancing":"least-connection","route_policy_scope":"space","route_policy_sources":"cf:any"}}
        """

    @Test func `every part of a registration is taken up`() throws {
        let report = try bus.register(Self.whole)
        #expect(report.added == 2 && report.faults.isEmpty && report.updatedAt == 1_700_000_000_000_000_000)
        let routes = bus.routes()
        #expect(routes.keys.sorted() == ["*.w.example", "a.example/v1"])
        let route = try #require(routes["a.example/v1"])
        let endpoint = try #require(route.endpoints.first)
        #expect(endpoint.address == "10.0.0.1:61001" && endpoint.usesTLS && endpoint.applicationProtocol == .http2)
        #expect(endpoint.resolved?.description == "10.0.0.1")
        #expect(endpoint.tags["component"] == "app" && endpoint.scope.space?.description == "space-1")
        #expect(
            endpoint.instance
                == EndpointInstance(application: "app-1", id: "instance-1", index: "3", zone: "z1", segment: "blue")
        )
        #expect(endpoint.serverCertDomainSAN == "instance-1")
        #expect(route.options["loadbalancing"] == "least-connection")
        #expect(route.policy.scope == .space && route.policy.sources == [.any])
    }

    @Test func `routes that state the same options share them, and each is told what is wrong with its own`() throws {
        func text(_ host: String, _ options: String) -> String {
            #"{"host":"10.0.0.1","port":80,"uris":["\#(host)"],"options":{\#(options)}}"#
        }
        let hash = #""loadbalancing":"hash","hash_header":"X-Key""#
        for host in ["a.example", "b.example"] {
            #expect(try bus.register(text(host, hash)).faults.isEmpty)
            #expect(try bus.register(text("bad-\(host)", #""mtls_x":"1""#)).faults.count == 1)
        }
        _ = try bus.register(text("c.example", #""loadbalancing":"round-robin""#))
        let routes = bus.routes()
        for host in ["a.example", "b.example"] {
            guard case .hash(let found) = routes[host]?.balancing else {
                Issue.record("\(host) is not spread by hash")
                continue
            }
            #expect(found.header == Array("x-key".utf8))
        }
        #expect(routes["c.example"]?.balancing == .roundRobin)
    }

    @Test func `a repetition changes nothing but the time`() throws {
        let text = #"{"host":"10.0.0.1","port":80,"uris":["a.example","A.b.example"],"options":{"mtls_x":"1"}}"#
        #expect(try bus.register(text).faults.count == 1)
        _ = bus.routes()
        let again = try bus.register(text, now: 100)
        #expect(again.repeated == 2 && !again.isChange && again.faults.isEmpty)
        #expect(bus.prune(now: 220) == 0)
        #expect(bus.prune(now: 221) == 2)
    }

    @Test func `an endpoint that says something else is described anew`() throws {
        _ = try bus.register(#"{"host":"10.0.0.1","port":80,"uris":["a.example"],"app":"one"}"#)
        let report = try bus.register(#"{"host":"10.0.0.1","port":80,"uris":["a.example"],"app":"two"}"#)
        #expect(report.replaced == 1 && report.added == 0 && report.isChange)
        #expect(bus.routes()["a.example"]?.endpoints.map(\.instance.application) == ["two"])
    }

    @Test func `spellings of one route are one route, known by any of them`() throws {
        let spellings = ["a.example/v1", "A.Example/v1", "a.example./v1/", #"a.example\/v1"#]
        for (number, route) in spellings.enumerated() {
            #expect(try bus.register(#"{"host":"10.0.0.\#(number)","port":80,"uris":["\#(route)"]}"#).added == 1)
            #expect(try bus.register(#"{"host":"10.0.0.\#(number)","port":80,"uris":["\#(route)"]}"#).repeated == 1)
        }
        #expect(bus.routes().mapValues(\.endpoints.count) == ["a.example/v1": 4])
        for (number, route) in spellings.reversed().enumerated() {
            #expect(try bus.unregister(#"{"host":"10.0.0.\#(number)","port":80,"uris":["\#(route)"]}"#).removed == 1)
        }
        #expect(bus.routes().isEmpty)
    }

    @Test func `an endpoint of two routes ends with each of them alone`() throws {
        _ = try bus.register(#"{"host":"10.0.0.1","port":80,"uris":["a.example","b.a.example","a.example/v1"]}"#)
        #expect(bus.routes().values.allSatisfy { $0.endpoints.map(\.address) == ["10.0.0.1:80"] })
        #expect(try bus.unregister(#"{"host":"10.0.0.1","port":80,"uris":["a.example"]}"#).removed == 1)
        #expect(bus.routes().keys.sorted() == ["a.example/v1", "b.a.example"])
        // What is repeated is the whole message, and one of its routes is new again.
        let text = #"{"host":"10.0.0.1","port":80,"uris":["a.example","b.a.example","a.example/v1"]}"#
        let report = try bus.register(text, now: 100)
        #expect(report.added == 1 && report.repeated == 2)
        #expect(bus.prune(now: 221) == 3 && bus.routes().isEmpty)
    }

    @Test func `names as long as a sender likes are refused without harm to others`() throws {
        let label = String(repeating: "x", count: 63)
        let longest = [label, label, label, String(repeating: "y", count: 61)].joined(separator: ".")
        let deepest = String(repeating: "a.", count: 126) + "a"
        let hosts = [
            longest, deepest, longest + "z", deepest + ".a", label + "x", String(repeating: "a", count: 70_000),
        ]
        let uris = hosts.map { "\"\($0)\"" }.joined(separator: ",")
        let report = try bus.register("{\"host\":\"10.0.0.1\",\"port\":80,\"uris\":[\(uris)]}")
        #expect(report.added == 2 && report.faults.count == 4)
        #expect(bus.routes().keys.sorted() == [deepest, longest])
        _ = try bus.unregister("{\"host\":\"10.0.0.1\",\"port\":80,\"uris\":[\"\(longest)\",\"\(deepest)\"]}")
        #expect(bus.routes().isEmpty)
    }

    @Test(arguments: ["host", "app", "private_instance_id", "private_instance_index", "server_cert_domain_san"])
    func `a member is known by its whole name`(name: String) throws {
        // As long as the name, or with the same beginning.
        let others = ["\(name.dropLast())_", "\(name)x", "\(name.dropLast())", name.uppercased()]
        let members = others.map { "\"\($0)\":7," }.joined()
        let text = "{\(members)\"host\":\"10.0.0.1\",\"port\":80,\"uris\":[\"a\"]}"
        #expect(try bus.register(text).added == 1)
    }

    @Test func `an endpoint is unregistered by host, port and route`() throws {
        _ = try bus.register(#"{"host":"10.0.0.1","port":80,"uris":["a.example","b.example"]}"#)
        #expect(try bus.unregister(#"{"host":"10.0.0.1","port":81,"uris":["a.example"]}"#).removed == 0)
        #expect(try bus.unregister(#"{"host":"10.0.0.2","port":80,"uris":["a.example"]}"#).removed == 0)
        #expect(try bus.unregister(#"{"host":"10.0.0.1","port":80,"uris":["c.example"]}"#).removed == 0)
        #expect(try bus.unregister(#"{"host":"10.0.0.1","port":80,"uris":["A.example"]}"#).removed == 1)
        #expect(bus.routes().keys.sorted() == ["b.example"])
    }

    @Test func `an endpoint with TLS is unregistered by its TLS port`() throws {
        _ = try bus.register(#"{"host":"10.0.0.1","port":80,"tls_port":443,"uris":["a.example"]}"#)
        #expect(try bus.unregister(#"{"host":"10.0.0.1","port":80,"uris":["a.example"]}"#).removed == 0)
        #expect(try bus.unregister(#"{"host":"10.0.0.1","port":80,"tls_port":443,"uris":["a.example"]}"#).removed == 1)
    }

    @Test(arguments: [
        "", "[]", "null", "{", "{}x", #"{"host":"10.0.0.1","port":80}"#, #"{"host":"10.0.0.1","port":80,"uris":[]}"#,
        #"{"port":80,"uris":["a"]}"#, #"{"host":"","port":80,"uris":["a"]}"#, #"{"host":"a b","port":80,"uris":["a"]}"#,
        #"{"host":"10.0.0.1","uris":["a"]}"#, #"{"host":"10.0.0.1","port":0,"uris":["a"]}"#,
        #"{"host":"10.0.0.1","port":65536,"uris":["a"]}"#, #"{"host":"10.0.0.1","port":-1,"uris":["a"]}"#,
        #"{"host":"10.0.0.1","port":"80","uris":["a"]}"#, #"{"host":"10.0.0.1","port":80.5,"uris":["a"]}"#,
        #"{"host":"10.0.0.1","port":080,"uris":["a"]}"#, #"{"host":"10.0.0.1","port":80,"uris":"a"}"#,
        #"{"host":"10.0.0.1","port":80,"uris":[1]}"#, #"{"host":"10.0.0.1","port":80,"uris":["a",]}"#,
        #"{"host":"10.0.0.1","host":"10.0.0.2","port":80,"uris":["a"]}"#,
        #"{"host":"10.0.0.1","port":80,"uris":["a"],"tags":[]}"#,
        #"{"host":"10.0.0.1","port":80,"uris":["a"],"tags":"x"}"#,
        #"{"host":"10.0.0.1","port":80,"uris":["a"],"options":{"a":1,"a":2}}"#,
        #"{"host":"10.0.0.1","port":80,"uris":["a"],"protocol":"spdy"}"#,
        #"{"host":"10.0.0.1","port":80,"uris":["a"],"app":7}"#,
        #"{"host":"10.0.0.1","port":80,"uris":["a"],"app":"\ud800"}"#,
        #"{"host":"10.0.0.1","port":99999999999999999999,"uris":["a"]}"#,
    ])
    func `what is no registration is refused as a whole`(text: String) {
        #expect(throws: RegistrationError.self) { try bus.register(text) }
        #expect(bus.routes().isEmpty)
    }

    @Test(arguments: [(256, true), (257, false), (50_000, false)])
    func `an endpoint has a bounded number of tags`(count: Int, isTaken: Bool) throws {
        let tags = (0..<count).map { "\"\($0)\":\"\"" }.joined(separator: ",")
        let text = #"{"host":"10.0.0.1","port":80,"uris":["a.example"],"tags":{"# + tags + "}}"
        if isTaken {
            #expect(try bus.register(text).added == 1)
        } else {
            let error = #expect(throws: RegistrationError.self) { try bus.register(text) }
            #expect(error?.code == .malformed && bus.routes().isEmpty)
        }
    }

    @Test func `a route that wants another service first is not taken up`() throws {
        let text = #"{"host":"10.0.0.1","port":80,"uris":["a"],"route_service_url":"https://waf.example"}"#
        let error = #expect(throws: RegistrationError.self) { try bus.register(text) }
        #expect(error?.code == .routeService && bus.routes().isEmpty)
        #expect(try bus.register(text.replacing("https://waf.example", with: "")).added == 1)
    }

    @Test func `what is wrong with one part leaves the others`() throws {
        let text = """
            {"host":"10.0.0.1","port":80,"uris":["a.example","http://b/","c..d","\\ud800"],"tags":{"x":1,"y":"z"},
            "options":{"loadbalancing":["x"],"route_policy_scope":"any","route_policy_sources":"cf:app:a,?"}}
            """
        let report = try bus.register(text)
        #expect(report.added == 1 && report.faults.count == 6, "\(report.faults)")
        let route = try #require(bus.routes()["a.example"])
        #expect(route.endpoints.first?.tags.pairs.map(\.value) == ["z"])
        #expect(route.policy.sources.map(\.description) == ["cf:app:a"])
    }

    @Test(arguments: ["mtls_allowed_apps", "route_policy_sources", "mtls_allow_any"])
    func `a policy that cannot be read permits nobody`(name: String) throws {
        _ = try bus.register("{\"host\":\"10.0.0.1\",\"port\":80,\"uris\":[\"a\"],\"options\":{\"\(name)\":[\"x\"]}}")
        let policy = try #require(bus.routes()["a"]?.policy)
        #expect(policy.form != .unstated && policy.sources.isEmpty)
    }

    @Test func `a name is kept as a name`() throws {
        _ = try bus.register(#"{"host":"Backend.Example","port":80,"uris":["a"]}"#)
        let endpoint = try #require(bus.routes()["a"]?.endpoints.first)
        #expect(endpoint.host == "backend.example" && endpoint.resolved == nil)
    }

    @Test func `a router tells its interval and its threshold`() {
        let start = RouterStart(id: "0-x", hosts: ["10.0.0.9"], minimumRegisterInterval: 5, pruneThreshold: 120)
        let wanted =
            #"{"id":"0-x","hosts":["10.0.0.9"],"minimumRegisterIntervalInSeconds":5,"pruneThresholdInSeconds":120}"#
        #expect(String(decoding: start.bytes, as: UTF8.self) == wanted)
    }
}

/// A registry behind a desk, which expectations can change.
private final class TestBus {
    private var registry = RouteRegistry(seed: 7)
    private var desk = RegistrationDesk()

    func register(_ text: String, now: UInt64 = 0) throws -> RegistrationReport {
        let bytes = Array(text.utf8)
        return try desk.register(bytes.span, 0..<bytes.count, in: &registry, now: now * 1_000_000_000)
    }

    func unregister(_ text: String) throws -> RegistrationReport {
        let bytes = Array(text.utf8)
        return try desk.unregister(bytes.span, 0..<bytes.count, in: &registry)
    }

    func prune(now: UInt64) -> Int { registry.prune(now: now * 1_000_000_000) }

    /// The routes as they are now.
    func routes() -> [String: Route] {
        _ = registry.takeChanges()
        return Dictionary(registry.allRoutes.map { ($0.pattern.description, $0) }) { $1 }
    }
}
