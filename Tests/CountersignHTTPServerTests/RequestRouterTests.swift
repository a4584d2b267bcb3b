import CountersignHTTPClient
import CountersignHTTPServer
import Testing

/// Which handler a request finds, and what it is told when there is none.
@Suite struct RequestRouterTests {
    private static func answer(_ names: String...) -> RouteList.Answer {
        { request, parameters in
            .text(200, "\(request.methodText) " + names.map { "\($0)=\(parameters[$0])" }.joined(separator: " "))
        }
    }

    private static func router() throws -> RequestRouter {
        var routes = RouteList()
        routes.get("/", answer())
        routes.get("/certificates/{serial}", answer("serial"))
        routes.delete("/certificates/{id}", answer("id", "serial"))
        routes.get("/certificates/latest", answer())
        routes.post("/services/{service}/rotate", answer("service"))
        routes.get("/{kind}/{name}/x", answer("kind", "name"))
        routes.get("/bundles/{path...}", answer("path"))
        routes.on(["LIST", "GET"], "/roles", answer())
        routes.on(["POST", "PUT"], "/later") { _, _, responder in responder.answer(.empty(202)) }
        return try RequestRouter(routes)
    }

    @Test(arguments: [
        ("GET", "/", "GET "), ("GET", "/certificates/12ab", "GET serial=12ab"),
        ("HEAD", "/certificates/12ab", ""), ("DELETE", "/certificates/7", "DELETE id=7 serial="),
        ("GET", "/certificates/latest", "GET "), ("POST", "/services/a%20b/rotate?now=1", "POST service=a b"),
        ("GET", "/certificates/y/x", "GET kind=certificates name=y"),
        ("GET", "/certificates/latest/x", "GET kind=certificates name=latest"),
        ("GET", "/bundles/a/b%21", "GET path=a/b!"), ("LIST", "/roles", "LIST "), ("GET", "/roles", "GET "),
        ("GET", "http://composed.invalid", "GET "), ("GET", "/certificates/%C3%A4", "GET serial=\u{e4}"),
    ])
    func `a request finds its handler`(method: String, target: String, answer: String) throws {
        let (status, _, body) = try ask(method, target)
        #expect(status == 200)
        #expect(body == (answer.isEmpty ? "" : answer + "\n"))
    }

    @Test(arguments: [
        ("GET", "/nowhere", 404), ("GET", "/certificates", 404), ("GET", "/certificates/", 404),
        ("GET", "/certificates//x", 404), ("GET", "/Roles", 404), ("GET", "/roles/", 404), ("GET", "/bundles/", 404),
        ("OPTIONS", "*", 404), ("GET", "/certificates/a%2Fb", 400), ("GET", "/certificates/a%2fb", 400),
        ("GET", "/certificates/%00", 400), ("GET", "/certificates/%0A", 400), ("GET", "/certificates/%7f", 400),
        ("GET", "/certificates/%4", 400), ("GET", "/certificates/%", 400), ("GET", "/certificates/%zz", 400),
        ("GET", "/certificates/..", 400), ("GET", "/certificates/%2e%2E", 400), ("GET", "/bundles/a/../b", 400),
        ("GET", "/certificates/%FF", 400), ("GET", "/bundles/a%2Fb", 400),
    ])
    func `a path that is not there or is unclear is refused`(method: String, target: String, status: Int) throws {
        let answer = try ask(method, target)
        #expect(answer.status == status)
        #expect(answer.allow == nil)
    }

    @Test(arguments: [
        ("PUT", "/certificates/1", "GET, HEAD, DELETE"), ("GET", "/services/a/rotate", "POST"),
        ("get", "/roles", "LIST, GET, HEAD"), ("HEAD", "/later", "POST, PUT"),
    ])
    func `a method that is not there is told which are`(method: String, target: String, allow: String) throws {
        let answer = try ask(method, target)
        #expect(answer.status == 405)
        #expect(answer.allow == allow)
    }

    @Test func `the answer to what is not there can be made by the surface`() throws {
        let router = try RequestRouter(RouteList()) { _, fault in
            .json(fault.status, Array("{\"errors\":[]}".utf8))
        }
        let server = try HTTPServer(name: "test", listen: try loopback(), router: router)
        defer { server.stop() }
        let response = try HTTPClient(server.endpoint).request("GET", "/")
        #expect(response.status == 404)
        #expect(response.field("content-type") == "application/json")
    }

    @Test(arguments: ["a", "/{a}/{a}", "/{}", "/{a...}/b", "/x{a}", "/a%20b", "/a?b", "/{...}"])
    func `a pattern that cannot be read makes no router`(pattern: String) {
        var routes = RouteList()
        routes.get(pattern, Self.answer())
        #expect(throws: RouteError.self) { try RequestRouter(routes) }
    }

    @Test func `the same method and path twice make no router, another method does`() throws {
        var routes = RouteList()
        routes.get("/a/{x}", Self.answer())
        var more = RouteList()
        more.post("/a/{y}", Self.answer())
        routes.append(contentsOf: more)
        _ = try RequestRouter(routes)
        routes.get("/a/{z}", Self.answer())
        #expect(throws: RouteError.self) { try RequestRouter(routes) }
    }

    private func ask(_ method: String, _ target: String) throws -> (status: Int, allow: String?, body: String) {
        let server = try HTTPServer(name: "test", listen: try loopback(), router: try Self.router())
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("\(method) \(target) HTTP/1.1\r\nHost: composed.invalid\r\nConnection: close\r\n\r\n")
        let (head, body) = try client.readResponse(isHead: method == "HEAD")
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let allow = head.split(separator: "\r\n").first { $0.hasPrefix("Allow: ") }.map { String($0.dropFirst(7)) }
        return (try #require(status), allow, body)
    }
}
