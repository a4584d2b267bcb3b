import CountersignHTTP1
import CountersignTransport
import Testing

@testable import CountersignRewriting

/// What a client is told is what the backend said, without what is about the hop between backend and router.
@Suite struct ResponseRewriterTests {
    private static let cookie = ResponseRewriter.Session(
        cookie: StickyCookie(isSecure: false),
        instance: Array("i-7".utf8),
        path: "/v1"
    )

    @Test func `the backend's lines go on as they came`() {
        let head = "HTTP/1.1 404 Not Found\r\nsERVER:x\r\nContent-Length: 0\r\nX-Own: 1\r\n\r\n"
        #expect(rewritten(head) == head)
    }

    @Test func `the version is the router's own`() {
        #expect(rewritten("HTTP/1.0 200 \r\nContent-Length: 0\r\n\r\n") == "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n")
    }

    @Test(arguments: [
        ("Connection: close", false),
        ("Keep-Alive: timeout=5", false),
        ("Proxy-Connection: keep-alive", false),
        ("Proxy-Authenticate: Basic", false),
        ("Upgrade: h2c", false),
        ("Client-Cert: :AAAA:", false),
        ("X-Forwarded-Client-Cert: Hash=0", false),
        ("Set-Cookie: a=b", true),
        ("WWW-Authenticate: Bearer", true),
        ("Trailer: X-Own", true),
    ])
    func `what ends at this hop is not for the client`(_ line: String, _ passes: Bool) {
        let expected = (passes ? [line] : []) + ["Z: 1"]
        #expect(lines(line, "Z: 1") == expected)
    }

    @Test(arguments: [("Connection: X-Hop", false), ("Connection: X-Other", true)])
    func `a field that Connection names is not for the client`(_ line: String, _ passes: Bool) {
        #expect(lines("X-Hop: 1", line) == (passes ? ["X-Hop: 1"] : []))
    }

    @Test(arguments: [
        (ResponseRewriter.Framing.interim, []),
        (ResponseRewriter.Framing(isChunked: true), ["Transfer-Encoding: chunked"]),
        (ResponseRewriter.Framing(persistence: .keepAlive), ["Connection: keep-alive"]),
        (
            ResponseRewriter.Framing(isChunked: true, persistence: .close),
            ["Transfer-Encoding: chunked", "Connection: close"]
        ),
        (ResponseRewriter.Framing(session: cookie), ["Set-Cookie: __VCAP_ID__=i-7; Path=/v1; HttpOnly"]),
    ])
    func `how it goes on is said by the router alone`(_ framing: ResponseRewriter.Framing, _ own: [String]) {
        #expect(lines("Transfer-Encoding: chunked", "Connection: close", framing: framing) == own)
    }

    @Test(arguments: [
        (ResponseRewriter.Framing.switching, ["Upgrade: websocket", "Connection: Upgrade"]),
        (ResponseRewriter.Framing.interim, []),
    ])
    func `only a switch of protocols names the protocol`(_ framing: ResponseRewriter.Framing, _ own: [String]) {
        let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
        #expect(Array(rewritten(head, framing).split(separator: "\r\n").dropFirst().map(String.init)) == own)
    }

    /// The lines behind the status line of what the client gets.
    private func lines(_ lines: String..., framing: ResponseRewriter.Framing = .interim) -> [String] {
        let head = (["HTTP/1.1 200 OK"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        return rewritten(head, framing).split(separator: "\r\n").dropFirst().map(String.init)
    }

    private func rewritten(_ text: String, _ framing: ResponseRewriter.Framing = .interim) -> String {
        let bytes = Array(text.utf8)
        var scanner = ResponseScanner()
        #expect(scanner.scan(bytes.span, requestMethod: .get) == .complete)
        let (head, fields) = (scanner.head, scanner.fields)
        let out = ByteQueue()
        unsafe bytes.withUnsafeBytes {
            unsafe ResponseRewriter.write(head, fields: fields, in: $0, framing: framing, to: out)
        }
        return unsafe String(decoding: out.readable, as: UTF8.self)
    }
}
