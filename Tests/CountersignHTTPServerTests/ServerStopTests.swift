import CountersignHTTPServer
import Testing

/// Ends of servers that have something in hand.
@Suite struct ServerStopTests {
    @Test func `a request in hand is answered before the server is gone, a new one is not taken`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        let busy = try RawClient(server.address)
        busy.send("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n")
        let pending = try box.take()
        let idle = try RawClient(server.address)
        idle.send("GET /idle HTTP/1.1\r\nHost: h\r\n\r\n")
        try box.take().responder.answer(.text(200, "idle"))
        #expect(try idle.readResponse().body == "idle\n")
        let stopped = Box<Bool>()
        try onThread {
            server.stop(within: .seconds(60))
            stopped.put(true)
        }
        #expect(try idle.readToEnd() == "")
        #expect(throws: (any Error).self) { try RawClient(server.address) }
        #expect(stopped.count == 0)
        pending.responder.answer(.text(200, "done"))
        let (head, body) = try busy.readResponse()
        #expect(head.contains("Connection: close\r\n"))
        #expect(body == "done\n")
        #expect(try stopped.take())
    }

    @Test func `a request whose content is still coming is in hand`() throws {
        let server = try HTTPServer.echo()
        let client = try RawClient(server.address)
        client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        _ = try client.read(through: "\r\n\r\n")
        let stopped = Box<Bool>()
        try onThread {
            server.stop(within: .seconds(60))
            stopped.put(true)
        }
        #expect(throws: (any Error).self) { while true { _ = try RawClient(server.address) } }
        client.send("ab")
        #expect(try client.readResponse().body == "POST /p  ab\n")
        #expect(try stopped.take())
    }

    @Test func `what is not done in time is cut`() throws {
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box)
        let client = try RawClient(server.address)
        client.send("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n")
        let pending = try box.take()
        server.stop(within: .milliseconds(50))
        #expect(try client.readToEnd() == "")
        #expect(pending.responder.answer(.text(200, "late")))
    }

    @Test func `stopping at once and twice is harmless`() throws {
        let server = try HTTPServer.echo()
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try client.readResponse()
        server.stop()
        server.stop(within: .seconds(1))
        #expect(try client.readToEnd() == "")
    }

    @Test func `a server that nobody holds ends`() throws {
        let client: RawClient
        do {
            let server = try HTTPServer.echo()
            client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try client.readResponse()
        }
        #expect(try client.readToEnd() == "")
    }
}
