import CountersignHTTPClient
import CountersignHTTPServer
import Testing

/// Answers that are written bit by bit.
@Suite struct ResponseStreamTests {
    private let box = Box<Pending>()
    private let ends = Box<StreamEnd>()

    @Test func `lines arrive while the stream is open, and its end is seen`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let lines = Box<String>()
        let reading = try read(server, into: lines)
        let stream = try open(try box.take())
        for line in ["{\"a\":1}\n", "{\"b\":2}\n{\"c\"", ":3}\n"] { #expect(stream.write(Array(line.utf8))) }
        for line in ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"] { #expect(try lines.take() == line) }
        #expect(stream.isOpen)
        stream.finish()
        #expect(!stream.write([1]))
        #expect(try ends.take() == .finished)
        #expect(try reading.take() == nil)
    }

    @Test func `a connection serves other requests after a stream`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        let stream = try open(try box.take())
        #expect(try client.read(through: "\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"))
        stream.write(Array("0123456789abcdef".utf8))
        #expect(try client.read(through: "f\r\n") == "10\r\n0123456789abcdef\r\n")
        stream.finish()
        #expect(try client.read(through: "0\r\n\r\n") == "0\r\n\r\n")
        try box.take().responder.answer(.text(200, "b"))
        #expect(try client.readResponse().body == "b\n")
    }

    @Test func `a reader that leaves too much unread is cut, one that reads is not`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let reader = try RawClient(server.address)
        let sleeper = try RawClient(server.address, receiveBuffer: 4096)
        for client in [reader, sleeper] {
            client.send("GET /\(client === reader ? "reader" : "sleeper") HTTP/1.1\r\nHost: h\r\n\r\n")
        }
        var streams: [String: ResponseStream] = [:]
        for _ in 0..<2 {
            let pending = try box.take()
            streams[pending.request.path] = try open(pending, limit: 100_000)
        }
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        let quick = try #require(streams["/reader"])
        let slow = try #require(streams["/sleeper"])
        for _ in 0..<2000 where slow.write(piece) {
            #expect(quick.write(piece))
            _ = try reader.read(through: "x\r\n")
        }
        #expect(!slow.isOpen)
        #expect(quick.isOpen)
        #expect(try ends.take() == .tooSlow)
        #expect(try sleeper.readToEnd() == nil)
    }

    @Test func `the producer is told when the client goes`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        for goes in [RawClient.reset, RawClient.endWriting] {
            let client = try RawClient(server.address)
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let stream = try open(try box.take())
            _ = try client.read(through: "\r\n\r\n")
            goes(client)()
            #expect(try ends.take() == .peerGone)
            #expect(!stream.write([1]))
        }
    }

    @Test func `a stream that is let go of is seen to be cut short`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let lines = Box<String>()
        let reading = try read(server, into: lines)
        do {
            let stream = try open(try box.take())
            stream.write(Array("one\n".utf8))
            #expect(try lines.take() == "one")
        }
        #expect(try ends.take() == .abandoned)
        #expect(try reading.take() == .connectionLost)
    }

    @Test func `a quiet stream sends its sign of life`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let stream = try open(try box.take(), heartbeat: StreamHeartbeat(every: .milliseconds(30)))
        _ = try client.read(through: "\r\n\r\n")
        for _ in 0..<3 { #expect(try client.read(through: "\n\r\n") == "1\r\n\n\r\n") }
        stream.finish()
        #expect(try client.read(through: "0\r\n\r\n") == "0\r\n\r\n")
    }

    @Test func `an HTTP 1.0 client reads a stream to the end of its connection`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.0\r\nHost: h\r\n\r\n")
        let stream = try open(try box.take())
        stream.write(Array("one\n".utf8))
        _ = try client.read(through: "one\n")
        stream.write(Array("two\n".utf8))
        stream.finish()
        #expect(try client.readToEnd() == "two\n")
    }

    @Test func `HEAD of a stream has the head alone`() throws {
        let server = try HTTPServer.boxed(box)
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        let stream = try open(try box.take())
        #expect(try client.read(through: "\r\n\r\n").contains("chunked"))
        #expect(try ends.take() == .finished)
        #expect(!stream.isOpen)
    }

    @Test func `a server that stops ends its streams whole`() throws {
        let server = try HTTPServer.boxed(box)
        let lines = Box<String>()
        let reading = try read(server, into: lines)
        let stream = try open(try box.take())
        stream.write(Array("one\n".utf8))
        #expect(try lines.take() == "one")
        server.stop(within: .seconds(60))
        #expect(try ends.take() == .stopped)
        #expect(try reading.take() == nil)
        #expect(!stream.isOpen)
    }

    private func open(
        _ pending: Pending,
        limit: Int = 1024 * 1024,
        heartbeat: StreamHeartbeat? = nil
    ) throws -> ResponseStream {
        let ends = ends
        let stream = pending.responder.openStream(
            contentType: "application/x-ndjson",
            limit: limit,
            heartbeat: heartbeat
        ) { ends.put($0) }
        return try #require(stream)
    }

    /// Reads a stream on a thread of its own; the box gets the error that it ended with.
    private func read(_ server: HTTPServer, into lines: Box<String>) throws -> Box<HTTPClientError.Code?> {
        let end = Box<HTTPClientError.Code?>()
        let client = HTTPClient(server.endpoint)
        try onThread {
            do throws(HTTPClientError) {
                let stream = try client.openStream("GET", "/")
                while let line = try stream.nextLine(within: .seconds(60)) {
                    lines.put(String(decoding: line, as: UTF8.self))
                }
                end.put(nil)
            } catch {
                end.put(error.code)
            }
        }
        return end
    }
}
