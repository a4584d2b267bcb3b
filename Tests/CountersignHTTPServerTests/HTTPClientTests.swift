import CountersignHTTPClient
import CountersignHTTPServer
import CountersignIdentity
import CountersignPKI
import CountersignTLS
import CountersignTransport
import Testing

/// What a caller gets, and what it is told when it gets nothing.
@Suite struct HTTPClientTests {
    @Test func `calls share a connection`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { .text(200, "\($0.connection.id)") }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        let bodies = try (0..<3).map { _ in try client.request("GET", "/").requireSuccess().body }
        #expect(Set(bodies).count == 1)
    }

    @Test func `the path follows that of the endpoint`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let endpoint = try HTTPEndpoint(url: "http://127.0.0.1:\(server.address.port)/base/")
        let response = try HTTPClient(endpoint).request("PUT", "/a?b", fields: [("X", "y")], body: [0x7A])
        #expect(String(decoding: response.body, as: UTF8.self) == "PUT /base/a b z\n")
    }

    @Test func `a status that is no success is an error on demand`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { _ in .text(403, "no\u{1B}[1m\nmore") }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        #expect(try client.request("GET", "/").status == 403)
        let calls = [
            { _ = try client.request("GET", "/").requireSuccess() }, { _ = try client.openStream("GET", "/") },
        ]
        for call in calls {
            let error = #expect(throws: HTTPClientError.self) { try call() }
            #expect(error?.code == .status)
            #expect(error?.status == 403)
            #expect(error?.message.contains("403: no") == true)
            #expect(error?.message.contains("\u{1B}") == false)
        }
    }

    @Test func `a port that nobody listens on refuses`() throws {
        let server = try HTTPServer.echo()
        let endpoint = server.endpoint
        server.stop()
        #expect(code { try HTTPClient(endpoint).request("GET", "/") } == .refused)
    }

    @Test func `a server that does not answer in time is not waited for`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        #expect(code { try HTTPClient(server.endpoint).request("GET", "/", within: .milliseconds(50)) } == .timeout)
    }

    @Test func `an answer is taken up to its limit`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { request in
            ServerResponse(status: 200, contentType: "", body: [UInt8](repeating: 0, count: Int(request.query) ?? 0))
        }
        defer { server.stop() }
        var settings = HTTPClientSettings()
        settings.maximumBody = 100_000
        let client = HTTPClient(server.endpoint, settings: settings)
        #expect(try client.request("GET", "/?100000").body.count == 100_000)
        #expect(code { try client.request("GET", "/?100001") } == .tooLarge)
        #expect(try client.request("GET", "/?1").body.count == 1)
    }

    @Test(arguments: [
        ("G T", "/", "x"), ("CONNECT", "/", "x"), ("GET", "nothing", "x"), ("GET", "/a b", "x"), ("GET", "/a#b", "x"),
        ("GET", "/a\r\n", "x"), ("GET", "/\u{e4}", "x"), ("GET", "/", "x\r\nY: z"),
    ])
    func `a call that could be read as another is not made`(method: String, path: String, value: String) throws {
        let endpoint = HTTPEndpoint(host: "127.0.0.1", port: 1)
        #expect(code { try HTTPClient(endpoint).request(method, path, fields: [("X", value)]) } == .invalidRequest)
    }

    @Test func `a kept connection that has died is replaced`() throws {
        var server = try HTTPServer.echo()
        let client = HTTPClient(server.endpoint)
        for _ in 0..<3 {
            #expect(try client.request("POST", "/a").status == 200)
            server.stop()
            server = try HTTPServer(name: "next", listen: server.address) { _ in .empty(200) }
        }
        server.stop()
        #expect(code { try client.request("POST", "/a") } == .refused)
    }

    @Test func `another thread can end a call, and then none begins`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        let codes = Box<HTTPClientError.Code?>()
        try onThread { codes.put(code { try client.request("GET", "/") }) }
        let pending = try box.take()
        client.close()
        #expect(try codes.take() == .cancelled)
        #expect(code { try client.request("GET", "/") } == .cancelled)
        pending.responder.answer(.empty(204))
    }

    @Test func `a quiet stream is given up, and another thread can end one`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = HTTPClient(server.endpoint)
        let opened = Box<ClientStream?>()
        try onThread { opened.put(try? client.openStream("GET", "/")) }
        let producer = try box.take().responder.openStream(contentType: "x/y")
        let stream = try #require(try opened.take())
        #expect(stream.response.status == 200)
        #expect(code { try stream.nextLine(within: .milliseconds(50)) } == .timeout)
        let codes = Box<HTTPClientError.Code?>()
        try onThread { codes.put(code { try stream.nextLine(within: .seconds(60)) }) }
        stream.cancel()
        #expect(try codes.take() == .cancelled)
        producer?.finish()
    }

    @Test func `a line is taken up to its limit`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { _ in .text(200, "0123456789\n\nabc") }
        defer { server.stop() }
        for (limit, expected) in [(10, nil), (3, HTTPClientError.Code.tooLarge)] {
            var settings = HTTPClientSettings()
            settings.maximumLine = limit
            let stream = try HTTPClient(server.endpoint, settings: settings).openStream("GET", "/")
            var lines: [String] = []
            let end = code {
                while let line = try stream.nextLine(within: .seconds(60)) {
                    lines.append(String(decoding: line, as: UTF8.self))
                }
            }
            #expect(end == expected)
            #expect(lines == (expected == nil ? ["0123456789", "abc"] : []))
        }
    }

    @Test func `an answer that a large request did not wait for is read`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let content = [UInt8](repeating: 0, count: 8 * 1024 * 1024)
        let client = HTTPClient(server.endpoint)
        #expect(try client.request("POST", "/", body: content).status == 413)
        #expect(try client.request("GET", "/").status == 200)
    }

    @Test func `the server must carry the expected name`() throws {
        let authority = try TestAuthority()
        let stranger = try TestAuthority()
        let context = try authority.context()
        let server = try HTTPServer.echo(tls: ServerTLS(context: { context }))
        defer { server.stop() }
        let names: [(PeerNameRequirement, ChainRejection.Code?)] = [
            (.dns(try HostName(parsing: "server.test.local")), nil),
            (.spiffe(try SPIFFEID(parsing: "spiffe://test.local/ns/default/sa/server")), nil),
            (.trustDomain(try TrustDomain(parsing: "test.local")), nil), (try server.endpoint.peerName(), nil),
            (.dns(try HostName(parsing: "other.test.local")), .nameMismatch),
            (.spiffe(try SPIFFEID(parsing: "spiffe://test.local/ns/default/sa/other")), .nameMismatch),
        ]
        for (name, rejection) in names {
            let client = HTTPClient(server.endpoint, tls: try authority.client(expecting: name))
            guard let rejection else {
                #expect(try client.request("GET", "/").status == 200)
                continue
            }
            let error = #expect(throws: HTTPClientError.self) { try client.request("GET", "/") }
            #expect(error?.code == .tlsRejected)
            #expect(error?.rejection == rejection)
        }
        let unknown = HTTPClient(server.endpoint, tls: try stranger.client())
        #expect(code { try unknown.request("GET", "/") } == .tlsRejected)
        #expect(code { try HTTPClient(server.endpoint).request("GET", "/") } != nil)
    }

    @Test func `a new identity is used from the next connection on`() throws {
        let authority = try TestAuthority()
        let context = try authority.context(.optional)
        let server = try HTTPServer(name: "test", listen: try loopback(), tls: ServerTLS(context: { context })) {
            .text(200, $0.peer?.identity.spiffeID?.description ?? "nobody")
        }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint, tls: try authority.client())
        #expect(try client.request("GET", "/").body == Array("nobody\n".utf8))
        client.replaceTLS(try authority.client(try authority.clientIdentity("orders")))
        let body = try client.request("GET", "/").body
        #expect(String(decoding: body, as: UTF8.self).hasSuffix("/sa/orders\n"))
    }

    @Test func `TLS towards a server that has none fails clearly`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = HTTPClient(server.endpoint, tls: try TestAuthority().client())
        #expect(code { try client.request("GET", "/") } == .tlsFailed)
    }

    @Test(arguments: [
        ("https://h", "h:443", ""), ("http://h", "h:80", ""), ("https://h.x:8443/a/b/", "h.x:8443", "/a/b"),
        ("https://[::1]:1/", "[::1]:1", ""), ("http://127.0.0.1:65535", "127.0.0.1:65535", ""),
    ])
    func `a URL names an endpoint`(url: String, address: String, path: String) throws {
        let endpoint = try HTTPEndpoint(url: url)
        #expect(endpoint.description == address)
        #expect(endpoint.basePath == path)
        #expect(endpoint.isSecure == url.hasPrefix("https"))
    }

    @Test(arguments: [
        "", "h:1", "ftp://h", "https://", "https://:1", "https://h:", "https://h:0", "https://h:65536", "https://h:+1",
        "https://u@h", "https://h/a?b", "https://h/a#b", "https://h/a b", "https://[::1", "https://[::1]x",
        "https://a b",
    ])
    func `what names no endpoint is refused`(url: String) {
        #expect(code { try HTTPEndpoint(url: url) } == .invalidRequest)
    }
}

/// What a call fails with; `nil` when it does not.
private func code<Value>(_ call: () throws -> Value) -> HTTPClientError.Code? {
    do {
        _ = try call()
        return nil
    } catch {
        return (error as? HTTPClientError)?.code
    }
}
