import CountersignNATS
import Testing

@Suite struct NATSSessionTests {
    @Test func `a client is let in and hears messages`() {
        let client = TestClient(credentials: .user("bob", password: "p\"w"))
        let sent = client.hear("INFO {\"server_name\":\"n1\",\"auth_required\":true}\r\n")
        #expect(sent.hasPrefix("CONNECT {") && sent.hasSuffix("}\r\nPING\r\n"))
        #expect(sent.contains("\"user\":\"bob\",\"pass\":\"p\\\"w\""))
        #expect(sent.contains("\"echo\":false") && sent.contains("\"verbose\":false"))
        #expect(client.hear("PONG\r\n") == "ready")
        #expect(client.hear("MSG router.register 1 2\r\n{}\r\n") == "deliver")
        #expect(client.hear("PING\r\n") == "PONG\r\n")
        #expect(client.hear("+OK\r\n") == "none")
    }

    @Test func `a token goes as one, and nothing goes without any`() {
        #expect(TestClient(credentials: .token("t")).hear("INFO {}\r\n").contains("\"auth_token\":\"t\""))
        let open = TestClient(credentials: .none).hear("INFO {}\r\n")
        #expect(!open.contains("auth_token") && !open.contains("\"user\""))
    }

    @Test func `credentials go through TLS alone where it is asked for`() {
        let client = TestClient(credentials: .user("bob", password: "secret"), usesTLS: true)
        #expect(client.hear("INFO {\"tls_required\":true}\r\n") == "startTLS")
        #expect(client.tlsEstablished().contains("\"tls_required\":true"))
        #expect(client.hear("PONG\r\n") == "ready")
        #expect(TestClient(usesTLS: true).hear("INFO {\"tls_available\":true}\r\n") == "startTLS")
    }

    @Test func `a server without TLS gets no credentials from a client that wants it`() {
        let client = TestClient(credentials: .user("bob", password: "secret"), usesTLS: true)
        #expect(client.hear("INFO {}\r\n") == "fail: \(NATSFailure.noTLS)")
        #expect(client.tlsEstablished() == "none")
        #expect(TestClient().hear("INFO {\"tls_required\":true}\r\n") == "fail: \(NATSFailure.tlsRequired)")
    }

    @Test(arguments: [
        ("INFO []\r\n", NATSFailure.malformedInfo), ("INFO {\"auth_required\":1}\r\n", .malformedInfo),
        ("PING\r\n", .outOfOrder), ("PONG\r\n", .outOfOrder), ("MSG a 1 0\r\n\r\n", .outOfOrder),
        ("X\r\n", .violation(.unknownCommand)),
    ])
    func `a server that does not begin with a greeting is left`(text: String, failure: NATSFailure) {
        #expect(TestClient().hear(text) == "fail: \(failure)")
    }

    @Test func `what the server objects to ends it, but for what may not be published`() {
        let client = TestClient()
        _ = client.hear("INFO {}\r\n")
        #expect(client.hear("-ERR 'Authorization Violation'\r\n") == "fail: \(NATSFailure.unauthorized)")
        let other = TestClient.ready()
        #expect(other.hear("-ERR 'Permissions Violation for Publish to \"router.start\"'\r\n").hasPrefix("complain"))
        #expect(other.hear("PING\r\n") == "PONG\r\n")
        #expect(
            other.hear("-ERR 'Permissions Violation for Subscription to \"router.*\"'\r\n").hasPrefix(
                "fail: the server"
            )
        )
    }

    @Test func `a server that is about to end is left`() {
        let client = TestClient.ready()
        #expect(client.hear("INFO {\"connect_urls\":[\"10.0.0.1:4222\"]}\r\n") == "none")
        #expect(client.hear("INFO {\"ldm\":true}\r\n") == "fail: \(NATSFailure.leaving)")
    }

    @Test func `a server that does not answer for three intervals is left`() {
        let client = TestClient.ready()
        #expect(client.intervalPassed() == "PING\r\n")
        #expect(client.hear("PONG\r\n") == "none")
        #expect(client.intervalPassed() == "PING\r\n")
        #expect(client.intervalPassed() == "PING\r\n")
        #expect(client.intervalPassed() == "fail: \(NATSFailure.unresponsive)")
    }

    @Test func `a subject from elsewhere cannot become a command`() {
        for subject in ["", "a b", "a\r\nPUB x 0\r\n\r\n", "a\u{7F}", String(repeating: "a", count: 1025)] {
            #expect(NATSCommand.publish(subject, []) == nil)
        }
        #expect(NATSCommand.publish("_INBOX.a", [0x78]) == Array("PUB _INBOX.a 1\r\nx\r\n".utf8))
        #expect(NATSCommand.subscribe("router.*", number: 1) == Array("SUB router.* 1\r\n".utf8))
    }
}

/// A session with a parser before it, whose actions are told as text.
private final class TestClient {
    private var session: NATSSession
    private var parser = NATSParser()

    init(credentials: NATSCredentials = .none, usesTLS: Bool = false) {
        session = NATSSession(name: "test", version: "1", credentials: credentials, usesTLS: usesTLS)
    }

    static func ready() -> TestClient {
        let client = TestClient()
        _ = client.hear("INFO {}\r\n")
        _ = client.hear("PONG\r\n")
        return client
    }

    func hear(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var offset = 0
        let event = parser.next(bytes.span, from: &offset)
        return told(session.receive(event, in: bytes.span))
    }

    func tlsEstablished() -> String { told(session.tlsEstablished()) }

    func intervalPassed() -> String { told(session.intervalPassed()) }

    private func told(_ action: NATSSession.Action) -> String {
        switch action {
        case .none: "none"
        case .send(let bytes): String(decoding: bytes, as: UTF8.self)
        case .startTLS: "startTLS"
        case .ready: "ready"
        case .deliver: "deliver"
        case .dropped(let count): "dropped \(count)"
        case .complain(let words): "complain: \(words)"
        case .fail(let failure): "fail: \(failure)"
        }
    }
}
