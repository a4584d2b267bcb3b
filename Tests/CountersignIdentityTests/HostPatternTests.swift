import CountersignIdentity
import Testing

@Suite struct HostPatternTests {
    @Test(arguments: [
        ("example.com", "example.com", true), ("Example.COM.", "example.com", true),
        ("example.com", "a.example.com", false),
        ("example.com", "example.org", false), ("*.apps.internal", "web.apps.internal", true),
        ("*.apps.internal", "WEB.Apps.Internal.", true), ("*.apps.internal", "apps.internal", false),
        ("*.apps.internal", "a.b.apps.internal", false), ("*.apps.internal", "xapps.internal", false),
        ("*.apps.internal", "web.apps.internal.evil", false), ("*.a", "b.a", true), ("*.a", "a", false),
    ])
    func `a wildcard stands for exactly one label`(pattern: String, host: String, matches: Bool) throws {
        let pattern = try HostPattern(parsing: pattern)
        let name = try #require(HostName(server: host))
        #expect(pattern.matches(name) == matches)
        #expect(pattern.matches(normalised: name.description) == matches)
    }

    @Test func `an address and the empty host match no pattern`() throws {
        let pattern = try HostPattern(parsing: "*.internal")
        #expect(!pattern.matches(try HostName(parsing: "127.0.0.1")))
        #expect(!pattern.matches(normalised: ""))
        #expect(!pattern.matches(normalised: ".internal"))
    }

    @Test(arguments: [
        "", "*", "*.", "*.*.a", "a.*.b", "*a.b", "**.a", "example.com:443", "127.0.0.1", "*.0.0.1", "[::1]", "a b",
        "a..b",
    ])
    func `a text that is no pattern is refused`(text: String) {
        #expect(throws: IdentityError(.invalidHostPattern, "")) { try HostPattern(parsing: text) }
    }

    @Test(arguments: [
        ("a.example", "A.example.", true), ("a.example", "b.example", false), ("*.example", "a.example", true),
        ("*.example", "a.b.example", false), ("*.example", "example", false), ("*.example", "*.example", true),
        ("*.example", "*.a.example", false),
    ])
    func `patterns overlap when one host matches both`(left: String, right: String, overlap: Bool) throws {
        let left = try HostPattern(parsing: left)
        let right = try HostPattern(parsing: right)
        #expect(left.overlaps(right) == overlap)
        #expect(right.overlaps(left) == overlap)
    }
}
