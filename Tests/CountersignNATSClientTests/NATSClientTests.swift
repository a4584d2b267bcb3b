import CountersignNATS
import CountersignNATSClient
import CountersignPKI
import CountersignTLS
import CountersignTransport
import Testing

@Suite struct NATSClientTests {
    private let events = Box<String>()

    @Test func `a client subscribes, hears messages and publishes`() throws {
        let server = try StandInServer()
        let client = try client([server])
        defer { client.stop() }
        #expect(try server.heard.take().hasPrefix("CONNECT {"))
        #expect(try server.heard.take() == "PING")
        #expect(try server.heard.take() == "SUB router.* 1")
        #expect(try server.heard.take() == "PUB hello 2")
        #expect(try events.take() == "connected")
        server.say("MSG router.a 1 3\r\none\r\nMSG router.b 1 3\r\ntwo\r\nMSG router.c 1 99")
        #expect(try events.take() == "router.a=one router.b=two")
        server.say("\r\n" + String(repeating: "x", count: 99) + "\r\n")
        #expect(try events.take().hasPrefix("router.c=xxx"))
    }

    @Test func `a server that ends is followed by the next`() throws {
        let servers = [try StandInServer(), try StandInServer()]
        let client = try client(servers)
        defer { client.stop() }
        #expect(try events.take() == "connected")
        let used = servers[0].wasAccepted ? servers[0] : servers[1]
        let spare = used === servers[0] ? servers[1] : servers[0]
        used.hangUp()
        #expect(try events.take() == "lost: the server closed the connection")
        #expect(try events.take() == "connected")
        #expect(try spare.accepted.take() == 1)
    }

    @Test func `a server that comes back is used again`() throws {
        let server = try StandInServer()
        let client = try client([server])
        defer { client.stop() }
        for _ in 0..<3 {
            #expect(try events.take() == "connected")
            server.hangUp()
            #expect(try events.take().hasPrefix("lost: "))
        }
    }

    @Test func `a server that does not answer is left`() throws {
        let server = try StandInServer(answersPings: false)
        let client = try client([server], ping: .milliseconds(50))
        defer { client.stop() }
        #expect(try server.heard.take(where: { $0 == "PING" }) == "PING")
        server.say("PONG\r\n")
        #expect(try events.take() == "connected")
        #expect(try events.take() == "lost: the server has not answered in time")
        #expect(try server.accepted.take() == 1 && server.accepted.take() == 2)
    }

    @Test func `a server that does not let the client in is left in time`() throws {
        let server = try StandInServer(answersPings: false)
        let client = try client([server], connect: .milliseconds(50))
        defer { client.stop() }
        #expect(try events.take().hasPrefix("failed: the server did not let the client in"))
    }

    @Test func `a server that cannot be reached is told of`() throws {
        var server = try StandInServer().server
        server.host = "127.0.0.1"
        let client = try client(settings([server]))
        defer { client.stop() }
        #expect(try events.take().hasPrefix("failed: "))
    }

    @Test(arguments: ["MSG a 1 x\r\n", "HTTP/1.1 400 Bad Request\r\n", "MSG a 1 1\r\nxy\r\n"])
    func `bytes that are not the protocol end the connection`(text: String) throws {
        let server = try StandInServer()
        let client = try client([server])
        defer { client.stop() }
        #expect(try events.take() == "connected")
        server.say(text)
        #expect(try events.take().hasPrefix("lost: not the protocol of NATS"))
        #expect(try events.take() == "connected")
    }

    @Test func `what comes in plain text before TLS is not taken for the server's`() throws {
        let server = try StandInServer(info: "{\"tls_required\":true}\r\nMSG router.register 1 2\r\n{}")
        var target = server.server
        target.tls = try TLSContext(client: nil, verifier: NobodyVerifier())
        let client = try client(settings([target]))
        defer { client.stop() }
        #expect(try events.take() == "failed: the server sent more in plain text before TLS")
    }

    @Test func `nothing is heard after the end`() throws {
        let server = try StandInServer()
        let client = try client([server])
        #expect(try events.take() == "connected")
        client.stop()
        server.say("MSG router.a 1 3\r\none\r\n")
        server.hangUp()
        #expect(events.isEmpty)
    }

    private func client(
        _ servers: [StandInServer],
        ping: Duration = .seconds(20),
        connect: Duration = .seconds(30)
    ) throws -> NATSClient {
        var settings = settings(servers.map(\.server))
        settings.pingInterval = ping
        settings.connectTime = connect
        return try client(settings)
    }

    private func client(_ settings: NATSClientSettings) throws -> NATSClient {
        let events = self.events
        return try NATSClient(settings) { Listener(events) }
    }

    private func settings(_ servers: [NATSClientSettings.Server]) -> NATSClientSettings {
        NATSClientSettings(servers: servers, credentials: .none, name: "test", version: "1", subject: "router.*")
    }
}

extension StandInServer {
    fileprivate var wasAccepted: Bool { !accepted.isEmpty }
}

/// Trusts nobody.
private final class NobodyVerifier: TLSPeerVerifier {
    func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        .failure(ChainRejection(.unknownIssuer, "nobody is trusted"))
    }
}

/// Tells a test what it hears.
private final class Listener: NATSListener {
    private let events: Box<String>

    init(_ events: Box<String>) {
        self.events = events
    }

    func started(on loop: EventLoop) {}

    func connected(to server: String, _ connection: NATSConnection) {
        connection.publish("hello", [0x68, 0x69])
        events.put("connected")
    }

    func received(_ messages: [NATSMessage], in bytes: Span<UInt8>, _ connection: NATSConnection) {
        func text(_ range: Range<Int>) -> String { String(decoding: range.map { bytes[$0] }, as: UTF8.self) }
        events.put(messages.map { "\(text($0.subject))=\(text($0.payload))" }.joined(separator: " "))
    }

    func dropped(bytes: Int) { events.put("dropped \(bytes)") }

    func complained(_ server: String, _ words: String) { events.put("complained: \(words)") }

    func disconnected(from server: String, reason: String, wasConnected: Bool) {
        events.put("\(wasConnected ? "lost" : "failed"): \(reason)")
    }
}
