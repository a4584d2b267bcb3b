import CountersignRouting
import Testing

@Suite struct RouteTableTests {
    static let routes = [
        "a.example", "a.example/v1", "a.example/v1/x/y", "b.example/only", "*.w", "*.b.w/p", "c.b.w", "*.b.example",
        "10.0.0.1",
        "*.only.example/q",
    ]

    @Test(arguments: [
        ("a.example", "", "a.example"), ("a.example", "/", "a.example"), ("a.example", "/other", "a.example"),
        ("a.example", "*", "a.example"),
        ("a.example", "/v1", "a.example/v1"), ("a.example", "/v1/", "a.example/v1"),
        ("a.example", "/v1/x", "a.example/v1"),
        ("a.example", "/v1?q=/x/y", "a.example/v1"), ("a.example", "/v1/x/y", "a.example/v1/x/y"),
        ("a.example", "/v1/x/y/z/1/2/3", "a.example/v1/x/y"),
        ("a.example", "/v1/x/y?z", "a.example/v1/x/y"), ("a.example", "/v1/x/yy", "a.example/v1"),
        ("a.example", "/?/v1", "a.example"),
        ("b.example", "/only/this", "b.example/only"), ("x.w", "/", "*.w"), ("x.y.z.w", "/any", "*.w"),
        ("x.b.w", "/p", "*.b.w/p"),
        ("x.b.w", "/other", "*.w"), ("x.b.w", "/pp", "*.w"), ("c.b.w", "/p", "c.b.w"), ("d.c.b.w", "/p/q", "*.b.w/p"),
        ("x.b.example", "/", "*.b.example"), ("10.0.0.1", "/", "10.0.0.1"),
        ("x.only.example", "/q", "*.only.example/q"),
    ])
    func `the most specific route takes the request`(host: String, path: String, route: String) throws {
        #expect(try table(Self.routes).find(host, path) == route)
    }

    @Test(arguments: [
        ("", "/"), ("a", "/"), ("example", "/"), ("aa.example", "/"), (".a.example", "/"), ("a.example.", "/"),
        ("A.example", "/"),
        ("b.example", "/"), ("b.example", "/onl"), ("b.example", "/only2"), ("b.example", "/ONLY"),
        ("b.example", "only"), ("w", "/"),
        (".w", "/"), ("xw", "/"), ("b.example.w2", "/"), ("10.0.0.2", "/"), ("x.10.0.0.1", "/"),
        ("x.only.example", "/"),
        ("only.example", "/q"), ("*.w2", "/"), ("b.example", ""),
    ])
    func `a request of no route is taken by none`(host: String, path: String) throws {
        #expect(try table(Self.routes).find(host, path) == nil)
    }

    @Test func `a dot before a wildcard's suffix needs a label before it`() throws {
        #expect(try table(["*.w"]).find(".w", "/") == nil)
        #expect(try table(["*.w"]).find("a.w", "/") == "*.w")
    }

    @Test func `an empty table takes nothing`() {
        #expect(RouteTable(seed: seed).find("a.example", "/") == nil)
    }

    @Test(arguments: [
        "/v1/../admin", "/x/../v1", "/./v1", "//v1", "/v1//../x", "/%761", "/v1%2f..", "/v1/%2e%2e", "/%2Fv1",
        "/v1;a=b", "/;/v1", "/\\v1",
        "/v1/../x;a=%2f..%2fv1", "/v1/../x/%2e%2e/v1", "/v1/%2e%2e/x/%252e%252e/v1",
        "/x/..%5cv1", "/v1%00", "/%2576%2531", "/v1#", "/v1/.;x/../..", "/v1%3Fq",
    ])
    func `a path that readers could give to different routes is given to none`(path: String) throws {
        #expect(try table(["a.example", "a.example/v1"]).find("a.example", path) == nil)
        #expect(try table(["a.example"]).find("a.example", path) == "a.example")
    }

    @Test(arguments: [
        ("/v1/a%20b", "a.example/v1"), ("/v1/a;b", "a.example/v1"), ("/v1//a", "a.example/v1"),
        ("/v1/%2e", "a.example/v1"), ("/v1/..v2", "a.example/v1"),
        ("/a%20b", "a.example"), ("/.well-known/x", "a.example"), ("/a/../b", "a.example"), ("/?a=../v1", "a.example"),
        ("/v1?a=%2f;\\", "a.example/v1"),
        ("/v1/100%", "a.example/v1"),
    ])
    func `an odd path that every reader gives to one route is taken`(path: String, route: String) throws {
        #expect(try table(["a.example", "a.example/v1"]).find("a.example", path) == route)
    }

    @Test func `a path cannot slip from a host to a wildcard either`() throws {
        let table = try table(["*.w", "a.w/v1"])
        #expect(table.find("a.w", "/x/../v1") == nil)
        #expect(table.find("a.w", "/x/../v2") == "*.w")
    }

    @Test func `a duplicate is refused and both places are named`() throws {
        for (first, second) in [("a.example", "A.example."), ("a.example/v1", "a.example/v1/"), ("*.w", "*.W")] {
            let error = #expect(throws: RoutingError(.duplicateRoute, "")) {
                try table([first, "other.example", second])
            }
            #expect(error?.message.contains("routes.yml:1") == true && error?.message.contains("routes.yml:3") == true)
        }
        #expect(try table(["a.example", "a.example/v1", "a.example/V1", "*.a.example"]).count == 4)
    }

    @Test func `a route is found at its position`() throws {
        let table = try table(Self.routes)
        for (position, route) in Self.routes.enumerated() {
            #expect(table.route(at: position)?.pattern.description == route)
        }
        #expect(table.route(at: Self.routes.count) == nil && table.route(at: -1) == nil)
        #expect(table.route(at: 0)?.place == "routes.yml:1")
    }
}
