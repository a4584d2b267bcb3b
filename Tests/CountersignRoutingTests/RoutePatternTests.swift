import CountersignRouting
import Testing

@Suite struct RoutePatternTests {
    @Test(arguments: [
        ("a.example", "a.example"), ("A.Example", "a.example"), ("a.example.", "a.example"), ("localhost", "localhost"),
        ("*.Apps.example", "*.apps.example"), ("*.w", "*.w"), ("a_b-c.example", "a_b-c.example"),
        ("10.0.0.1", "10.0.0.1"),
        ("[::1]", "::1"), ("a.example/", "a.example"), ("a.example/v1", "a.example/v1"),
        ("a.example/V1/x/", "a.example/V1/x"),
        ("a.example?q=/x", "a.example"), ("a.example/v1?q", "a.example/v1"),
        ("a.example/%20;x=1/~u", "a.example/%20;x=1/~u"),
        ("*.w/p", "*.w/p"), ("a.example/...", "a.example/..."), ("a.example/.well-known", "a.example/.well-known"),
    ])
    func `a route is parsed to its normal form`(text: String, normal: String) throws {
        let pattern = try RoutePattern(parsing: text)
        #expect(pattern.description == normal)
        #expect(try RoutePattern(parsing: pattern.host == "::1" ? "[::1]" : normal) == pattern)
    }

    @Test(arguments: [
        ("a.b", false, "a.b", ""), ("A.B./", false, "a.b", ""), ("a.b/V1/x", false, "a.b", "/V1/x"),
        ("*.W", true, "w", ""), ("*.w/p/?q", true, "w", "/p"), ("[::1]/p", false, "::1", "/p"),
        ("[0:0::1]", false, "::1", ""), ("10.0.0.1/p", false, "10.0.0.1", "/p"),
        ("some-long-name.Apps.example.com/and/a/path", false, "some-long-name.apps.example.com", "/and/a/path"),
        ("*.some-long-name.apps.example.com/and/a/path", true, "some-long-name.apps.example.com", "/and/a/path"),
    ])
    func `a route is told by its parts`(text: String, isWildcard: Bool, host: String, path: String) throws {
        let pattern = try RoutePattern(parsing: text)
        #expect(pattern.isWildcard == isWildcard && pattern.host == host && pattern.path == path)
        #expect(pattern.depth == path.split(separator: "/").count)
    }

    @Test func `spellings of one route are equal, and others are not`() throws {
        let spellings = ["a.example/v1", "A.example/v1", "a.example./v1/", "a.Example/v1?q=1"]
        #expect(Set(try spellings.map { try RoutePattern(parsing: $0) }).count == 1)
        let others = ["a.example", "*.a.example", "a.example/V1", "*.a.example/v1", "a.example/v1/x", "a.example/v10"]
        #expect(Set(try (spellings + others).map { try RoutePattern(parsing: $0) }).count == 1 + others.count)
    }

    @Test(arguments: [
        "", "/", "/v1", "?q", "*", "*.", "*.*.w", "*w", "a.*.w", "a*.w", "http://a.example", "a.example:8080",
        "a..example",
        ".a.example", "-a.example", "a.example-", "a b.example", "ü.example", "*.10.0.0.1", "1.2.3", "a.example//",
        "a.example//v1",
        "a.example/v1//x", "a.example/./x", "a.example/x/..", "a.example/..", "a.example/a b", "a.example/a\\b",
        "a.example/ü",
        "a.example/a#b", "a.example/a\u{0}", "a.example/\n", String(repeating: "a", count: 64) + ".example",
        "*." + String(repeating: "a.", count: 125) + "aa", "a.example/" + String(repeating: "a", count: 1024),
        "a.example" + String(repeating: "/a", count: 32),
    ])
    func `what is not a route is refused`(text: String) {
        #expect(throws: RoutingError(.invalidRoute, "")) { try RoutePattern(parsing: text) }
    }

    @Test func `the longest route is taken`() throws {
        #expect(try RoutePattern(parsing: "a.example" + String(repeating: "/a", count: 31)).path.utf8.count == 62)
        #expect(try RoutePattern(parsing: "a.example/" + String(repeating: "a", count: 1023)).path.utf8.count == 1024)
    }
}
