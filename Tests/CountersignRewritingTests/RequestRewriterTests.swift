import CountersignForwarding
import CountersignPolicy
import Testing

@testable import CountersignRewriting

/// What a backend is told is what the client said, without what is not the client's to say.
@Suite struct RequestRewriterTests {
    @Test func `the client's lines come first, as they came, and the router's behind them`() {
        var request = RewrittenRequest(
            head: "POST /v1?q=1 HTTP/1.1\r\nhOST: a\r\nAccept:*/*\r\nContent-Length: 3\r\n\r\n"
        )
        request.headerTail = "X-Forwarded-Client-Cert: Hash=ab\r\n"
        let router = """
            X-Forwarded-For: 192.0.2.7\r
            X-Forwarded-Proto: https\r
            X-Vcap-Request-Id: \(RewrittenRequest.id)\r
            traceparent: \(RewrittenRequest.trace)\r
            X-Request-Start: 1700000000000\r
            X-Forwarded-Client-Cert: Hash=ab\r

            """
        #expect(request.text == "POST /v1?q=1 HTTP/1.1\r\nhOST: a\r\nAccept:*/*\r\nContent-Length: 3\r\n" + router)
    }

    @Test(arguments: [
        ("X-Forwarded-Client-Cert: Hash=0", false),
        ("x_forwarded_client_cert: Hash=0", false),
        ("Client-Cert: :AAAA:", false),
        ("X-Countersign-Identity: admin", false),
        ("True-Client-IP: 6.6.6.6", false),
        ("X-Cf-InstanceId: 1", false),
        ("X-Vcap-Request-Id: 1", false),
        ("X-Own: 1", true),
        ("Authorization: Bearer token", true),
    ])
    func `a client claims no identity and nothing that the router says`(_ line: String, _ passes: Bool) {
        let request = RewrittenRequest("A: 1", line, "Z: 1")
        #expect(request.lines.contains(line) == passes)
        #expect(request.lines.contains("A: 1") && request.lines.contains("Z: 1"), "its neighbours pass")
    }

    @Test(arguments: [("X-Forwarded-Client-Cert: Hash=0", true), ("X_Forwarded_Client_Cert: Hash=0", false)])
    func `a proxy in front is believed one header by the letter`(_ line: String, _ passes: Bool) {
        var request = RewrittenRequest(line)
        request.forwarding = ForwardingPlan(keepsIncomingCertificate: true, setsVerifiedCertificate: false)
        #expect(request.lines.contains(line) == passes)
    }

    @Test(arguments: [
        ("Connection: close", false),
        ("Keep-Alive: timeout=5", false),
        ("Proxy-Connection: keep-alive", false),
        ("Proxy-Authorization: Basic eA==", false),
        ("TE: trailers", false),
        ("Trailer: X-Own", false),
        ("Upgrade: h2c", false),
        ("Cache-Control: no-store", true),
        ("User-Agent: curl/8.5.0", true),
    ])
    func `what is about this hop ends here`(_ line: String, _ passes: Bool) {
        #expect(RewrittenRequest(line).lines.contains(line) == passes)
    }

    @Test(arguments: [("Connection: X-Hop", false), ("Connection: X-Other", true), ("X-Connection: X-Hop", true)])
    func `a field that Connection names ends here`(_ line: String, _ passes: Bool) {
        #expect(RewrittenRequest("X-Hop: 1", line).lines.contains("X-Hop: 1") == passes)
    }

    @Test(arguments: [
        ([], "192.0.2.7"),
        (["X-Forwarded-For: 10.0.0.1"], "10.0.0.1, 192.0.2.7"),
        (
            ["x-forwarded-for: 10.0.0.1, 10.0.0.2", "X-Forwarded-For:", "X-Forwarded-For: a"],
            "10.0.0.1, 10.0.0.2, a, 192.0.2.7"
        ),
    ])
    func `the client's address is appended to those that it names`(_ lines: [String], _ value: String) {
        let head = (["GET / HTTP/1.1", "Host: a"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        #expect(RewrittenRequest(head: head).lines(of: "X-Forwarded-For") == ["X-Forwarded-For: \(value)"])
    }

    @Test(arguments: [(true, "https"), (false, "http")])
    func `the scheme is that of the connection, whatever the client says`(_ isEncrypted: Bool, _ scheme: String) {
        var request = RewrittenRequest("X-Forwarded-Proto: gopher")
        request.isEncrypted = isEncrypted
        #expect(request.lines(of: "X-Forwarded-Proto") == ["X-Forwarded-Proto: \(scheme)"])
    }

    @Test(arguments: [(true, []), (false, ["X-Forwarded-Host: b"])])
    func `another host is told beside the Host on no mTLS domain`(_ isMutual: Bool, _ lines: [String]) {
        var request = RewrittenRequest("X-Forwarded-Host: b")
        request.isMutual = isMutual
        #expect(request.lines(of: "X-Forwarded-Host") == lines)
    }

    @Test(arguments: [(true, ["tracestate: a=1"]), (false, [])])
    func `the trace is the router's, and its state the client's where it goes on`(_ goesOn: Bool, _ lines: [String]) {
        var request = RewrittenRequest("traceparent: 00-1", "tracestate: a=1")
        request.keepsTraceState = goesOn
        #expect(request.lines(of: "tracestate") == lines)
        #expect(request.lines(of: "traceparent") == ["traceparent: \(RewrittenRequest.trace)"])
    }

    @Test(arguments: [(false, "mine"), (true, RewrittenRequest.id)])
    func `the id is the one of the log, also where the client calls it hop-by-hop`(_ isGiven: Bool, _ id: String) {
        var request = RewrittenRequest("X-Request-ID: mine", "Connection: X-Request-ID")
        request.isIDGiven = isGiven
        #expect(request.lines(of: "X-Request-ID").map { $0.split(separator: " ").last.map(String.init) } == [id])
    }

    @Test func `the start that a proxy in front has noted stays`() {
        #expect(RewrittenRequest("X-Request-Start: 5").lines(of: "X-Request-Start") == ["X-Request-Start: 5"])
    }

    @Test(arguments: [
        ("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", ["GET / HTTP/1.1", "Host: a"]),
        ("GET http://a?q=1 HTTP/1.1\r\nHost: a\r\n\r\n", ["GET /?q=1 HTTP/1.1", "Host: a"]),
        ("GET http://a/b HTTP/1.0\r\n\r\n", ["GET /b HTTP/1.1", "Host: a"]),
        ("OPTIONS * HTTP/1.0\r\nHost: a\r\n\r\n", ["OPTIONS * HTTP/1.1", "Host: a"]),
    ])
    func `the target has the form for servers, in HTTP 1 1 with a Host`(_ head: String, _ lines: [String]) {
        #expect(Array(RewrittenRequest(head: head).lines.prefix(2)) == lines)
    }

    @Test func `chunks are announced once, by the router`() {
        let request = RewrittenRequest(head: "PUT / HTTP/1.1\r\ntransfer-ENCODING: chunked\r\nHost: a\r\n\r\n")
        #expect(request.lines(of: "Transfer-Encoding") == ["Transfer-Encoding: chunked"])
        #expect(RewrittenRequest().lines(of: "Transfer-Encoding") == [])
    }

    @Test(arguments: [("websocket", ["Upgrade: websocket"], ["Connection: Upgrade"]), ("", [], [])])
    func `only what may be switched to is offered`(_ offer: String, _ upgrades: [String], _ connections: [String]) {
        var request = RewrittenRequest("Upgrade: websocket, h2c", "Connection: Upgrade")
        request.upgrade = offer
        #expect(request.lines(of: "Upgrade") == upgrades)
        #expect(request.lines(of: "Connection") == connections)
    }

    @Test func `a forward proxy tells routers the trace and nothing of the workload`() {
        var request = RewrittenRequest(
            "X-Own: 1",
            "traceparent: 00-1",
            "X-Forwarded-For: 10.0.0.1",
            "X-Forwarded-Host: b"
        )
        request.isIDGiven = true
        request.headerTail = "X-Forwarded-Client-Cert: Hash=ab\r\n"
        request.outgoing = .domain(0)
        let (id, trace) = ("X-Request-Id: \(RewrittenRequest.id)", "traceparent: \(RewrittenRequest.trace)")
        #expect(
            request.lines
                == ["GET / HTTP/1.1", "Host: a.internal", "X-Own: 1", "Via: 1.1 countersign", id, trace]
        )
    }

    @Test func `a forward proxy tells others nothing of its own`() {
        var request = RewrittenRequest("traceparent: 00-1", "X-Request-ID: mine", "X-Forwarded-For: 10.0.0.1")
        request.isIDGiven = true
        request.outgoing = .other
        #expect(
            request.lines
                == [
                    "GET / HTTP/1.1", "Host: a.internal", "traceparent: 00-1", "X-Request-ID: mine",
                    "Via: 1.1 countersign",
                ]
        )
    }
}
