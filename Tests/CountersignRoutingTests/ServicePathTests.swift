import CountersignRouting
import Testing

/// Paths that lists of a service name: those that requests can have, and no others.
@Suite struct ServicePathTests {
    private static let unusable = [
        "", "health", "/a%20b", "/a;b", "/a//b", "/./a", "/a/..", "/.", "/a?b", "/a#b", "/a\\b", "/a b", "/ä", "/a*b",
        "*",
    ]

    @Test(arguments: ["/", "/health", "/v1/", "/v1/.env", "/.well-known/jwks.json", "/a:b@c,d=e+f~g"])
    func aPathIsItselfToTheLetter(text: String) throws {
        let path = try LiteralPath(parsing: text)
        #expect(path.isPath(of: text) && path.isPath(of: text + "?x=/other"))
        for other in [text + "/", text + "x", "/" + text, text.uppercased() + "X", ""] {
            #expect(!path.isPath(of: other))
        }
    }

    @Test(arguments: unusable + ["/v1/*"])
    func whatNoRequestCouldHaveIsNoPath(text: String) {
        #expect(throws: RoutingError(.invalidPath, "")) { try LiteralPath(parsing: text) }
    }

    @Test(arguments: [("/v1/*", "/v1/"), ("/*", "/"), ("/.well-known/*", "/.well-known/"), ("/v1/.env/*", "/v1/.env/")])
    func aStarIsForEverythingBelow(text: String, prefix: String) throws {
        let path = try CallPath(parsing: text)
        #expect(path.text == text)
        #expect(path.holds(plain: Array((prefix + "x").utf8)) && path.holds(plain: Array((prefix + "x/y").utf8)))
        for other in [prefix, "", "x" + prefix, prefix.dropLast() + "-x"] {
            #expect(!path.holds(plain: Array(other.utf8)))
        }
    }

    @Test func withoutAStarItIsThePathAlone() throws {
        let path = try CallPath(parsing: "/v1/users")
        #expect(path.holds(plain: Array("/v1/users".utf8)))
        #expect(!path.holds(plain: Array("/v1/users/7".utf8)) && !path.holds(plain: Array("/v1".utf8)))
    }

    @Test(arguments: unusable + ["/v1/%2e/*", "/v1//*", "/*/x", "/v1*", "/../*"])
    func whatNoRequestCouldFitIsRefused(text: String) {
        #expect(throws: RoutingError(.invalidPath, "")) { try CallPath(parsing: text) }
    }
}
