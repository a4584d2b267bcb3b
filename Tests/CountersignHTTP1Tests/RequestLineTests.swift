import CountersignHTTP1
import Testing

@Suite struct RequestLineTests {
    @Test(arguments: refusals)
    func `a malformed request line is refused and the nearest good one taken`(row: Refusal) {
        let refused = ScannedRequest(row.refused)
        #expect(refused.violation == row.code)
        #expect(refused.violation?.status == row.status)
        #expect(ScannedRequest(row.allowed).result == .complete)
    }

    static let refusals: [Refusal] = [
        line("no version", "GET /", .malformedRequestLine, allowed: "GET / HTTP/1.0"),
        line("no version but a space", "GET / ", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("no target", "GET HTTP/1.1", .malformedRequestLine, allowed: "GET / HTTP/1.1"),
        line("only a method", "GET", .malformedMethod, allowed: "GET / HTTP/1.1"),
        line("two spaces before the target", "GET  / HTTP/1.1", .malformedTarget, allowed: "GET / HTTP/1.1"),
        line("two spaces before the version", "GET /  HTTP/1.1", .malformedRequestLine, allowed: "GET / HTTP/1.1"),
        line("a space after the version", "GET / HTTP/1.1 ", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("a tab for a space", "GET\t/ HTTP/1.1", .malformedMethod, allowed: "GET / HTTP/1.1"),
        line("a tab before the version", "GET /\tHTTP/1.1", .malformedTarget, allowed: "GET / HTTP/1.1"),
        line("leading space", " GET / HTTP/1.1", .malformedMethod, allowed: "GET / HTTP/1.1"),
        line("a method that is no token", "G(T / HTTP/1.1", .malformedMethod, allowed: "G!T / HTTP/1.1"),
        line("a method past ASCII", "G\u{C3}T / HTTP/1.1", .malformedMethod, allowed: "G~T / HTTP/1.1"),
        line("NUL in the method", "G\0T / HTTP/1.1", .controlByte, allowed: "GT / HTTP/1.1"),
        line("a space in the target", "GET /a b HTTP/1.1", .malformedRequestLine, allowed: "GET /a%20b HTTP/1.1"),
        line("a control in the target", "GET /a\u{1}b HTTP/1.1", .controlByte, allowed: "GET /a%01b HTTP/1.1"),
        line("NUL in the target", "GET /\0 HTTP/1.1", .controlByte, allowed: "GET /%00 HTTP/1.1"),
        line("DEL in the target", "GET /\u{7F} HTTP/1.1", .controlByte, allowed: "GET /~ HTTP/1.1"),
        line("a target past ASCII", "GET /\u{E9} HTTP/1.1", .malformedTarget, allowed: "GET /%C3%A9 HTTP/1.1"),
        line("a fragment", "GET /a#b HTTP/1.1", .malformedTarget, allowed: "GET /a%23b HTTP/1.1"),
        line(
            "a path without a slash",
            "GET index.html/ HTTP/1.1",
            .malformedTarget,
            allowed: "GET /index.html/ HTTP/1.1"
        ),
        line("another scheme", "GET ftp://a/ HTTP/1.1", .malformedTarget, allowed: "GET http://a/ HTTP/1.1"),
        line("a scheme without slashes", "GET http:a/ HTTP/1.1", .malformedTarget, allowed: "GET HTTPS://a/ HTTP/1.1"),
        line("no authority", "GET http:/// HTTP/1.1", .malformedHost, allowed: "GET http://a/ HTTP/1.1"),
        line("user information", "GET http://u@a/ HTTP/1.1", .malformedHost, allowed: "GET http://a/u@a HTTP/1.1"),
        line("another host", "GET http://b/ HTTP/1.1", .conflictingHost, allowed: "GET http://A/ HTTP/1.1"),
        line("another port", "GET http://a:80/ HTTP/1.1", .conflictingHost, allowed: "GET http://a/:80 HTTP/1.1"),
        line("* for GET", "GET * HTTP/1.1", .unexpectedTargetForm, allowed: "OPTIONS * HTTP/1.1"),
        line("host and port for GET", "GET a:443 HTTP/1.1", .unexpectedTargetForm, allowed: "CONNECT a:443 HTTP/1.1"),
        line("a path for CONNECT", "CONNECT / HTTP/1.1", .unexpectedTargetForm, allowed: "CONNECT a:1 HTTP/1.1"),
        line(
            "a URI for CONNECT",
            "CONNECT http://a/ HTTP/1.1",
            .unexpectedTargetForm,
            allowed: "GET http://a/ HTTP/1.1"
        ),
        line(
            "CONNECT without a port",
            "CONNECT a HTTP/1.1",
            .unexpectedTargetForm,
            allowed: "CONNECT a:65535 HTTP/1.1"
        ),
        line("CONNECT to another host", "CONNECT b:443 HTTP/1.1", .conflictingHost, allowed: "CONNECT a:443 HTTP/1.1"),
        line("HTTP/2.0", "GET / HTTP/2.0", .unsupportedVersion, 505, allowed: "GET / HTTP/1.1"),
        line("the preface of HTTP/2", "PRI * HTTP/2.0", .unsupportedVersion, 505, allowed: "OPTIONS * HTTP/1.1"),
        line("HTTP/1.2", "GET / HTTP/1.2", .unsupportedVersion, 505, allowed: "GET / HTTP/1.1"),
        line("HTTP/0.9", "GET / HTTP/0.9", .unsupportedVersion, 505, allowed: "GET / HTTP/1.0"),
        line("HTTP/2", "GET / HTTP/2", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("HTTP/1.10", "GET / HTTP/1.10", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("HTTP/01.1", "GET / HTTP/01.1", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("HTTP/1,1", "GET / HTTP/1,1", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("http/1.1", "GET / http/1.1", .malformedVersion, allowed: "GET / HTTP/1.1"),
        line("another protocol", "GET / RTSP/1.0", .malformedVersion, allowed: "GET / HTTP/1.0"),
        Refusal(
            "bare LF after the request line",
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            .bareLineFeed,
            allowed: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Refusal(
            "bare CR after the request line",
            "GET / HTTP/1.1\rHost: a\r\n\r\n",
            .bareCarriageReturn,
            allowed: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Refusal(
            "bare LF before the request",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .bareLineFeed,
            allowed: "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Refusal(
            "bare CR before the request",
            "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .bareCarriageReturn,
            allowed: "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Refusal(
            "a TLS record",
            "\u{16}\u{3}\u{1}\0\u{5}\r\n\r\n",
            .controlByte,
            allowed: "GET / HTTP/1.0\r\nHost: a\r\n\r\n"
        ),
    ]

    private static func line(
        _ name: String,
        _ refused: String,
        _ code: ProtocolViolation.Code,
        _ status: Int = 400,
        allowed: String
    ) -> Refusal {
        Refusal(
            name,
            "\(refused)\r\nHost: a\r\n\r\n",
            code,
            status,
            allowed: "\(allowed)\r\nHost: a\r\n\r\n"
        )
    }

    @Test(arguments: [
        ("GET", "http://a.example/p?q", "a.example", TargetForm.absolute, "/p?q"),
        ("GET", "http://a.example:81", "A.EXAMPLE:81", .absolute, ""),
        ("GET", "https://a.example?q", "a.example", .absolute, "?q"),
        ("GET", "//evil.example/", "a.example", .origin, "//evil.example/"),
        ("GET", "/http://evil.example/", "a.example", .origin, "/http://evil.example/"),
        ("OPTIONS", "*", "a.example", .asterisk, "*"),
        ("OPTIONS", "/", "a.example", .origin, "/"),
        ("CONNECT", "a.example:443", "a.example:443", .authority, ""),
        ("CONNECT", "[2001:db8::1]:443", "[2001:DB8::1]", .authority, ""),
    ])
    func `each form of target gives its path`(
        method: String,
        target: String,
        host: String,
        form: TargetForm,
        path: String
    ) {
        let request = ScannedRequest("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(request.result == .complete)
        #expect(request.head.targetForm == form)
        #expect(request.text(request.head.path) == path)
        #expect(request.text(request.head.target) == target)
    }

    @Test func `a target with an authority routes by that authority`() {
        let absolute = ScannedRequest("GET http://A.example:8080/ HTTP/1.1\r\nHost: a.EXAMPLE:8080\r\n\r\n")
        #expect(absolute.text(absolute.head.host) == "A.example:8080")
        let connect = ScannedRequest("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n")
        #expect(connect.text(connect.head.host) == "a.example:443")
    }
}
