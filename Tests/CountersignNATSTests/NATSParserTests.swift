import CountersignNATS
import CountersignTesting
import Testing

@Suite struct NATSParserTests {
    @Test func `each thing that a server says is read`() {
        let text =
            "INFO {\"server_id\":\"a\"} \r\n+OK\r\nPING\r\npong\r\n-ERR 'Stale Connection'\r\nMSG router.register 1 5\r\n"
            + "hello\r\nMSG router.greet 1 _INBOX.x 0\r\n\r\n"
        #expect(
            Heard.all(text) == [
                .info("{\"server_id\":\"a\"}"), .ok, .ping, .pong, .error("Stale Connection"),
                .message("router.register", "", "hello"), .message("router.greet", "_INBOX.x", ""),
            ]
        )
    }

    @Test(arguments: [
        ("HELLO\r\n", NATSViolation.unknownCommand), ("\r\n", .unknownCommand), ("PINGPONG\r\n", .unknownCommand),
        ("MSG a 1\r\n", .malformedMessage), ("MSG a 1 x\r\n", .malformedMessage), ("MSG a 1 -1\r\n", .malformedMessage),
        ("MSG a 1 b c 1\r\n", .malformedMessage), ("MSG a 1 99999999999\r\n", .malformedMessage),
        ("MSG a 1 2\r\nabc\r\n", .unterminatedPayload), ("GET / HTTP/1.1\r\n", .unknownCommand),
    ])
    func `what is not the protocol ends it`(text: String, violation: NATSViolation) {
        #expect(Heard.all(text + "PING\r\n") == [.violation(violation)])
    }

    @Test func `a line without an end is not waited for`() {
        let line = String(repeating: "x", count: NATSParser.maximumLine)
        #expect(Heard.all(line) == [])
        #expect(Heard.all(line + "x") == [.violation(.lineTooLong)])
        #expect(Heard.all(line + "x\r\n") == [.violation(.lineTooLong)])
    }

    @Test func `a message that is too large is dropped, and what follows it is read`() {
        let content = String(repeating: "x", count: 11)
        #expect(Heard.all("MSG a 1 11\r\n\(content)\r\nPING\r\n", limit: 10) == [.oversized(11), .ping])
        #expect(Heard.all("MSG a 1 11\r\n\(content)\r\nPING\r\n", limit: 11) == [.message("a", "", content), .ping])
    }

    @Test func `a message that has not come whole is waited for`() {
        for text in ["", "MS", "MSG a 1 5\r", "MSG a 1 5\r\n", "MSG a 1 5\r\nhell", "MSG a 1 5\r\nhello\r"] {
            #expect(Heard.all(text) == [])
        }
    }

    @Test(arguments: 0..<40)
    func `it does not matter where the bytes are cut`(round: UInt64) {
        var generator = SeededGenerator(seed: 60 + round)
        var text = ""
        for _ in 0..<30 {
            text +=
                [
                    "PING\r\n", "MSG a.b 1 3\r\nx\r\n\r\n", "MSG a 1 r.s 0\r\n\r\n", "+OK\r\n", "INFO {}\r\n",
                    "MSG a 1 14\r\n\(String(repeating: "y", count: 14))\r\n", "-ERR 'x'\r\n",
                ].randomElement(using: &generator) ?? ""
        }
        #expect(Heard.all(text, limit: 12) == Heard.all(text, limit: 12, cutBy: &generator))
    }
}

/// What a server said, with its parts as text.
enum Heard: Equatable {
    case info(String)
    case message(String, String, String)
    case ping
    case pong
    case ok
    case error(String)
    case oversized(Int)
    case violation(NATSViolation)

    static func all(_ text: String, limit: Int = NATSParser.maximumPayload) -> [Heard] {
        var parser = NATSParser(payloadLimit: limit)
        var buffer = Array(text.utf8)
        return take(&parser, &buffer)
    }

    static func all(_ text: String, limit: Int, cutBy generator: inout SeededGenerator) -> [Heard] {
        var parser = NATSParser(payloadLimit: limit)
        var heard: [Heard] = []
        var buffer: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...9, using: &generator))
            rest = rest.dropFirst(piece.count)
            buffer += piece
            heard += take(&parser, &buffer)
        }
        return heard
    }

    private static func take(_ parser: inout NATSParser, _ buffer: inout [UInt8]) -> [Heard] {
        var heard: [Heard] = []
        var offset = 0
        defer { buffer.removeFirst(offset) }
        while true {
            let event = parser.next(buffer.span, from: &offset)
            func text(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }
            switch event {
            case .needMore: return heard
            case .violation(let violation): return heard + [.violation(violation)]
            case .info(let range): heard.append(.info(text(range)))
            case .message(let parts):
                heard.append(.message(text(parts.subject), text(parts.reply), text(parts.payload)))
            case .ping: heard.append(.ping)
            case .pong: heard.append(.pong)
            case .ok: heard.append(.ok)
            case .error(let range): heard.append(.error(text(range)))
            case .oversized(let count): heard.append(.oversized(count))
            }
        }
    }
}
