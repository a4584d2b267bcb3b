import CountersignHTTP1
import CountersignHTTPServer
import CountersignTransport
import Synchronization
import Testing

/// What is too large, too slow or too much.
@Suite struct ServerLimitTests {
    @Test(arguments: [(10, "200 OK"), (11, "413 Content Too Large")])
    func `content is taken up to its limit`(length: Int, status: String) throws {
        var settings = HTTPServerSettings()
        settings.maximumBody = 10
        let server = try HTTPServer.echo(settings: settings)
        defer { server.stop() }
        let content = String(repeating: "x", count: length)
        let counted = try RawClient(server.address)
        counted.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n\(content)")
        #expect(try counted.readToEnd()?.hasPrefix("HTTP/1.1 \(status)\r\n") == true)
        let chunked = try RawClient(server.address)
        chunked.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        for byte in content { chunked.send("1\r\n\(byte)\r\n") }
        chunked.send("0\r\n\r\n")
        #expect(try chunked.readToEnd()?.hasPrefix("HTTP/1.1 \(status)\r\n") == true)
    }

    @Test func `content that is announced too large is refused before it is sent`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.readToEnd()?.hasPrefix("HTTP/1.1 413 ") == true)
    }

    @Test func `a client that goes on sending too much still reads why it was refused`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n")
        client.send([UInt8](repeating: 0, count: 100_000))
        #expect(try client.read(through: "\r\n").hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `a head is taken up to its limits`() throws {
        var settings = HTTPServerSettings()
        settings.headLimits = HeadLimits(maxRequestLineBytes: 60, maxHeaderLineBytes: 50, maxHeadBytes: 200)
        let server = try HTTPServer.echo(settings: settings)
        defer { server.stop() }
        let filler = String(repeating: "x", count: 60)
        for (head, status) in [
            ("GET /a HTTP/1.1\r\nHost: h\r\n", "200"), ("GET /\(filler) HTTP/1.1\r\nHost: h\r\n", "414"),
            ("GET /a HTTP/1.1\r\nHost: h\r\nX: \(filler)\r\n", "431"),
            ("GET /a HTTP/1.1\r\nHost: h\r\n\(String(repeating: "X: y\r\n", count: 40))", "431"),
        ] {
            let client = try RawClient(server.address)
            client.send("\(head)Connection: close\r\n\r\n")
            #expect(try client.readToEnd()?.hasPrefix("HTTP/1.1 \(status) ") == true)
        }
    }

    @Test func `a request that drips in is cut off, one that is in time is answered`() throws {
        var settings = HTTPServerSettings()
        settings.headTime = .seconds(1)
        settings.bodyTime = .seconds(1)
        let server = try HTTPServer.echo(settings: settings)
        defer { server.stop() }
        for beginning in ["GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"] {
            let slow = try RawClient(server.address)
            slow.send(beginning)
            #expect(try slow.readToEnd()?.hasPrefix("HTTP/1.1 408 Request Timeout\r\n") == true)
        }
        let fast = try RawClient(server.address)
        fast.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try fast.readResponse().body == "GET /a  \n")
    }

    @Test func `a head that arrives byte by byte is read`() throws {
        let server = try HTTPServer.echo()
        defer { server.stop() }
        let client = try RawClient(server.address)
        for byte in "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab".utf8 { client.send([byte]) }
        #expect(try client.readResponse().body == "POST /a  ab\n")
    }

    @Test func `a connection without requests ends, before the first and after`() throws {
        var settings = HTTPServerSettings()
        settings.headTime = .seconds(1)
        settings.idleTime = .seconds(1)
        let server = try HTTPServer.echo(settings: settings)
        defer { server.stop() }
        let silent = try RawClient(server.address)
        #expect(try silent.readToEnd() == "")
        let idle = try RawClient(server.address)
        idle.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try idle.readResponse().body == "GET /a  \n")
        #expect(try idle.readToEnd() == "")
    }

    @Test func `a handler may take longer than a client may be idle`() throws {
        var settings = HTTPServerSettings()
        settings.headTime = .seconds(1)
        settings.idleTime = .seconds(1)
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box, settings: settings)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        let pending = try box.take()
        // The idle one's end shows that the time has gone by.
        #expect(try RawClient(server.address).readToEnd() == "")
        pending.responder.answer(.text(200, "done"))
        #expect(try client.readResponse().body == "done\n")
    }

    @Test func `a client that does not read its answer is cut`() throws {
        var settings = HTTPServerSettings()
        settings.writeTime = .milliseconds(100)
        let content = [UInt8](repeating: 0, count: 32 * 1024 * 1024)
        let server = try HTTPServer(name: "test", listen: try loopback(), settings: settings) { _ in
            ServerResponse(status: 200, contentType: "", body: content)
        }
        defer { server.stop() }
        let client = try RawClient(server.address, receiveBuffer: 4096)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let watcher = try RawClient(server.address)
        watcher.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try watcher.readResponse(isHead: true).head.contains("33554432"))
        #expect(client.isResetWithoutReading())
    }

    @Test func `one connection too many is reset`() throws {
        var settings = HTTPServerSettings()
        settings.maximumConnections = 2
        let refused = Mutex(0)
        settings.onRefusedConnection = { refused.withLock { $0 += 1 } }
        let server = try HTTPServer.echo(settings: settings)
        defer { server.stop() }
        let clients = try (0..<2).map { _ in try RawClient(server.address) }
        for client in clients {
            client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.readResponse().body == "GET /a  \n")
        }
        #expect(refused.withLock { $0 } == 0)
        #expect(try RawClient(server.address).readToEnd() == nil)
        server.stop()
        #expect(refused.withLock { $0 } == 1)
    }

    @Test func `a connection that waits gives its place to a new one, and one with a request in hand does not`() throws
    {
        var settings = HTTPServerSettings()
        settings.maximumConnections = 2
        settings.displacement = DisplacementGroup()
        let held = Mutex<Responder?>(nil)
        var waiting: [RawClient] = []
        let server = try HTTPServer(name: "test", listen: try loopback(), settings: settings) {
            request,
            responder in
            if request.path == "/held" {
                held.withLock { $0 = responder }
            } else {
                responder.answer(.text(200, "free"))
            }
        }
        defer { server.stop() }
        let busy = try RawClient(server.address)
        busy.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n")
        for _ in 0..<4 {
            // The second and each after it takes the place of the one before, never that of the oldest.
            let client = try RawClient(server.address)
            client.send("GET /free HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.readResponse().body == "free\n")
            waiting.append(client)
        }
        held.withLock { $0 }?.answer(.text(200, "late"))
        #expect(try busy.readResponse().body == "late\n")
    }

    /// A server with room for two, where `/large` is more than a client's buffers hold.
    private func tight(newcomer: Duration = .seconds(1)) throws -> HTTPServer {
        var settings = HTTPServerSettings()
        settings.maximumConnections = 2
        settings.displacement = DisplacementGroup()
        settings.newcomerTime = newcomer
        let content = [UInt8](repeating: 0, count: 32 * 1024 * 1024)
        return try HTTPServer(name: "test", listen: try loopback(), settings: settings) { request in
            let body = request.path == "/large" ? content : Array("free\n".utf8)
            return ServerResponse(status: 200, contentType: "", body: body)
        }
    }

    @Test func `connections that do not take their answers give way to requests`() throws {
        let server = try tight()
        defer { server.stop() }
        let slow = try (0..<2).map { _ in try RawClient(server.address, receiveBuffer: 4096) }
        for client in slow {
            client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.read(through: "\r\n\r\n").contains("33554432"))
        }
        let asking = try (0..<2).map { _ in
            let client = try RawClient(server.address)
            client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.readResponse().body == "free\n")
            return client
        }
        defer { for client in asking { client.endWriting() } }
        for client in slow { #expect(try (client.readToEnd() ?? "").utf8.count < 32 * 1024 * 1024) }
    }

    @Test func `a connection that has never asked goes before an older one that has, unless it is new`() throws {
        for (newcomer, isNewSpared) in [(Duration.zero, false), (.seconds(3_600), true)] {
            let server = try tight(newcomer: newcomer)
            defer { server.stop() }
            let asked = try RawClient(server.address)
            asked.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try asked.readResponse().body == "free\n")
            let silent = try RawClient(server.address)
            let third = try RawClient(server.address)
            third.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try third.readResponse().body == "free\n")
            let (gone, kept) = isNewSpared ? (asked, silent) : (silent, asked)
            #expect(try gone.readToEnd() == "")
            kept.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try kept.readResponse().body == "free\n")
        }
    }
}
