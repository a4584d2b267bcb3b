import CountersignHTTPServer
import CountersignTransport
import Testing

/// Requests and answers on plain connections.
@Suite struct HTTPServerTests {
    @Test func `a request is answered, and the connection stays for another`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        for path in ["/a", "/b"] {
            client.send("GET \(path)?q=1 HTTP/1.1\r\nHost: h\r\n\r\n")
            let (head, body) = try client.readResponse()
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
            #expect(head.contains(" GMT\r\n"))
            #expect(!head.contains("Connection:"))
            #expect(body == "GET \(path) q=1 \n")
        }
    }

    @Test func `content comes counted or in chunks`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
        #expect(try client.readResponse().body == "POST /p  abc\n")
        client.send("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
        #expect(try client.readResponse().body == "POST /p  abc\n")
    }

    @Test func `a client that asks for leave to send content gets it`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("abc")
        #expect(try client.readResponse().body == "POST /p  abc\n")
    }

    @Test func `HEAD has the fields of GET and no content`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.readResponse(isHead: true).head.contains("Content-Length: 10\r\n"))
        #expect(try client.readResponse().body == "GET /b  \n")
    }

    @Test func `HTTP 1.0 closes unless it is asked to stay`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let staying = try RawClient(server.address)
        staying.send("GET /a HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n")
        #expect(try staying.readResponse().head.contains("Connection: keep-alive\r\n"))
        staying.send("GET /a HTTP/1.0\r\nHost: h\r\n\r\n")
        #expect(try staying.readToEnd()?.contains("Connection: close\r\n") == true)
    }

    @Test func `a client that says close is answered and closed`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        let all = try client.readToEnd()
        #expect(all?.contains("Connection: close\r\n") == true)
        #expect(all?.contains("/b") == false)
    }

    @Test func `a client that ends its direction is answered all the same`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        client.endWriting()
        try box.take().responder.answer(.text(200, "late"))
        #expect(try client.readToEnd()?.hasSuffix("\r\n\r\nlate\n") == true)
    }

    @Test func `what breaks the protocol is refused and the connection ends`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        for (request, status) in [
            ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"), ("GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported"),
            ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "400 Bad Request"),
            ("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", "501 Not Implemented"),
            ("GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", "417 Expectation Failed"),
        ] {
            let client = try RawClient(server.address)
            client.send(request)
            let answer = try #require(try client.readToEnd())
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test func `controls in a field's value do not make another field`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { _ in
            ServerResponse(status: 200, contentType: "", fields: [("X-A", "1\r\nX-B: 2")], body: [])
        }
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.readResponse().head.contains("X-A: 1  X-B: 2\r\n"))
    }

    @Test(arguments: [(204, "204 No Content"), (304, "304 Not Modified")])
    func `a status without content has no length`(status: Int, line: String) throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { _ in .empty(status) }
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let head = try client.readResponse().head
        #expect(head.hasPrefix("HTTP/1.1 \(line)\r\n"))
        #expect(!head.contains("Content-Length"))
    }

    @Test func `a large content is shared by many clients`() throws {
        let content = [UInt8](repeating: UInt8(ascii: "x"), count: 4 * 1024 * 1024)
        let server = try HTTPServer(name: "test", listen: try loopback()) { _ in
            ServerResponse(status: 200, contentType: "application/pkix-crl", body: content[1...])
        }
        defer { server.stop() }
        let clients = try (0..<8).map { _ in try RawClient(server.address) }
        for client in clients {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        }
        for client in clients {
            let first = try client.readResponse().body
            #expect(first.utf8.count == content.count - 1)
            let rest = try #require(try client.readToEnd())
            #expect(rest.utf8.count > content.count)
        }
    }

    @Test func `several threads serve one address`() throws {
        var settings = HTTPServerSettings()
        settings.threads = 2
        let server = try HTTPServer.echo(settings: settings)
        defer { server.stop() }
        for _ in 0..<16 {
            let client = try RawClient(server.address)
            client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.readResponse().body == "GET /a  \n")
        }
    }

    @Test func `an address in use is told`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let error = #expect(throws: SystemError.self) {
            try HTTPServer(name: "second", listen: server.address) { _ in .empty(204) }
        }
        #expect(error?.description.contains("\(server.address)") == true)
    }
}
