import CountersignIdentity
import Testing

@Suite struct SPIFFEIDPatternTests {
    static let outcomes: [(pattern: String, id: String, matches: Bool)] = [
        ("spiffe://td/ns/prod/sa/web", "spiffe://td/ns/prod/sa/web", true),
        ("spiffe://td/ns/prod/sa/web", "spiffe://td/ns/prod/sa/webs", false),
        ("spiffe://td/ns/prod/sa/web", "spiffe://td/ns/prod/sa/web/x", false),
        ("spiffe://td/ns/prod/sa/web", "spiffe://td2/ns/prod/sa/web", false),
        ("spiffe://td/ns/prod/*", "spiffe://td/ns/prod/sa", true),
        ("spiffe://td/ns/prod/*", "spiffe://td/ns/prod/sa/web", true),
        ("spiffe://td/ns/prod/*", "spiffe://td/ns/prod", false),
        ("spiffe://td/ns/prod/*", "spiffe://td/ns/production/sa", false),
        ("spiffe://td/ns/prod/*", "spiffe://td.evil/ns/prod/sa", false),
        ("spiffe://td/*", "spiffe://td/a", true),
        ("spiffe://td/*", "spiffe://td/a/b/c", true),
        ("spiffe://td/*", "spiffe://td", false),
        ("spiffe://td/*", "spiffe://tdx/a", false),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/prod/sa/web", true),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/a/b/sa/web", false),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/prod/sa/api", false),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/prod/sa", false),
        ("spiffe://td/ns/*/sa/*", "spiffe://td/ns/prod/sa/a/b", true),
        ("spiffe://td/ns/*/sa/*", "spiffe://td/ns/prod/sa", false),
        ("spiffe://td/*/a", "spiffe://td/x/a", true),
        ("spiffe://td/*/a", "spiffe://td/x/y", false),
    ]

    @Test(arguments: outcomes)
    func `a pattern matches what it says and nothing beside it`(
        outcome: (pattern: String, id: String, matches: Bool)
    ) throws {
        let pattern = try SPIFFEIDPattern(parsing: outcome.pattern)
        #expect(pattern.matches(try SPIFFEID(parsing: outcome.id)) == outcome.matches)
        #expect(pattern.description == outcome.pattern)
    }

    @Test(arguments: [
        "", "*", "spiffe://*/ns", "spiffe://*", "spiffe://td", "spiffe://td/", "spiffe://td/web-*", "spiffe://td/**",
        "spiffe://td/a/../*", "spiffe://td/*/*/*/*/*", "https://td/*", "*://td/a", "spiffe:*/td/a", "spiffe://td/a/*/",
    ])
    func `a text that is no pattern is refused`(text: String) {
        #expect(throws: IdentityError(.invalidSPIFFEPattern, "")) { try SPIFFEIDPattern(parsing: text) }
    }

    @Test func `four wildcards are allowed`() throws {
        let pattern = try SPIFFEIDPattern(parsing: "spiffe://td/*/*/*/*")
        #expect(pattern.matches(try SPIFFEID(parsing: "spiffe://td/a/b/c/d/e")))
        #expect(!pattern.matches(try SPIFFEID(parsing: "spiffe://td/a/b/c")))
    }

    @Test func `only a pattern without wildcards has an exact ID`() throws {
        #expect(try SPIFFEIDPattern(parsing: "spiffe://td/a").exactID?.description == "spiffe://td/a")
        #expect(try SPIFFEIDPattern(parsing: "spiffe://td/*").exactID == nil)
    }
}
