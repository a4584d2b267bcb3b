import CountersignHTTPServer
import CountersignTransport
import Testing

/// Answers that come from other threads, late, out of order, twice or never.
@Suite struct ResponderTests {
    @Test func `pipelined requests are answered in their order, whatever the order of the answers`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send((0..<4).map { "GET /\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
        let pending = try (0..<4).map { _ in try box.take() }
        #expect(pending.map(\.request.path) == ["/0", "/1", "/2", "/3"])
        for index in [2, 3, 1, 0] { pending[index].responder.answer(.text(200, "\(index)")) }
        for index in 0..<4 { #expect(try client.readResponse().body == "\(index)\n") }
    }

    @Test func `a request that is dropped is answered with 500`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { _, _ in }
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.readResponse().head.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
    }

    @Test func `the first answer counts`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        let pending = try box.take()
        #expect(pending.responder.answer(.text(200, "one")))
        #expect(!pending.responder.answer(.text(200, "two")))
        #expect(pending.responder.openStream(contentType: "text/plain") == nil)
        #expect(try client.readResponse().body == "one\n")
        client.send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        try box.take().responder.answer(.text(200, "three"))
        #expect(try client.readResponse().body == "three\n")
    }

    @Test func `an answer to a client that is gone does nothing`() throws {
        let box = Box<Pending>()
        let ends = Box<StreamEnd>()
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let gone = try RawClient(server.address)
        gone.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        let first = try box.take()
        let second = try box.take()
        gone.reset()
        #expect(try gone.readToEnd() != "x")
        let stream = try #require(second.responder.openStream(contentType: "text/plain") { ends.put($0) })
        first.responder.answer(.text(200, "late"))
        #expect(try ends.take() == .peerGone)
        #expect(!stream.isOpen)
        #expect(!stream.write([1]))
        let present = try RawClient(server.address)
        present.send("GET /c HTTP/1.1\r\nHost: h\r\n\r\n")
        try box.take().responder.answer(.text(200, "c"))
        #expect(try present.readResponse().body == "c\n")
    }

    @Test func `no more requests are taken than may be in hand`() throws {
        var settings = HTTPServerSettings()
        settings.maximumPipelined = 2
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box, settings: settings)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send((0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
        var pending = [try box.take(), try box.take()]
        // Another connection's request passes the loop after all that this one could have handed out.
        let other = try RawClient(server.address)
        other.send("GET /other HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try box.take().request.path == "/other")
        for index in 0..<5 {
            pending.removeFirst().responder.answer(.text(200, "\(index)"))
            #expect(try client.readResponse().body == "\(index)\n")
            if index < 3 { pending.append(try box.take()) }
        }
        #expect(box.count == 0)
    }

    @Test func `answers of many threads all arrive`() throws {
        let server = try HTTPServer(name: "test", listen: try loopback()) { request, responder in
            try? spawn(name: "answer") { responder.answer(.text(200, request.path)) }
        }
        defer { server.stop() }
        let client = try RawClient(server.address)
        for round in 0..<20 {
            client.send((0..<10).map { "GET /\(round)-\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
            for index in 0..<10 { #expect(try client.readResponse().body == "/\(round)-\(index)\n") }
        }
    }
}
