import CountersignHTTP1
import Testing

@Suite struct HostTests {
    @Test(arguments: [
        "a", "a.example", "A.Example", "a.example.", "a-b.c_d.example", "192.0.2.1", "192.0.2.1:80", "a:1", "a:65535",
        "a.example:08443", "[::1]", "[::1]:443", "[2001:db8::192.0.2.1]", "xn--bcher-kva.example",
        String(repeating: "a", count: 254),
    ])
    func `one name or address with an optional port routes`(host: String) {
        let request = ScannedRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(request.result == .complete)
        #expect(request.text(request.head.host) == host)
    }

    @Test(arguments: [
        "", " ", ".", ".a", "a..b", "a,b", "a, b", "a b", "a\tb", "u@a", "u:p@a", "a/", "a/b", "http://a", "a?b", "a#b",
        "a\\b", "a%2e", "*", "*.a", "a;b", "a:", ":80", "a:0", "a:65536", "a:123456", "a:80a", "a:-1", "a:+1", "a:8 0",
        "a:80:80", "::1", "[", "[]", "[:]", "[::1", "[::1]a", "[::1]:", "[::g]", "[v1.a]", "[fe80::1%eth0]", "\u{E9}",
        "a\u{E9}", "a(", "\"a\"", "<a>", "a=b", "a&b", "~a", "$a", "'a'", "a|b", "a^b", "{a}",
        String(repeating: "a", count: 255),
    ])
    func `every other Host is refused`(host: String) {
        let request = ScannedRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(request.violation == .malformedHost)
        #expect(request.violation?.status == 400)
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func `exactly one Host is required`(version: String) {
        #expect(ScannedRequest("GET / \(version)\r\n\r\n").violation == .missingHost)
        #expect(ScannedRequest("GET / \(version)\r\nX-Host: a\r\n\r\n").violation == .missingHost)
        #expect(ScannedRequest("GET / \(version)\r\nHost: a\r\n\r\n").result == .complete)
        #expect(ScannedRequest("GET / \(version)\r\nHost: a\r\nHost: a\r\n\r\n").violation == .repeatedHost)
        #expect(ScannedRequest("GET / \(version)\r\nHost: a\r\nX: y\r\nhOST: b\r\n\r\n").violation == .repeatedHost)
        #expect(ScannedRequest("GET / \(version)\r\nHost:\r\nHost: b\r\n\r\n").violation == .repeatedHost)
    }

    @Test func `an authority in the target does not stand in for Host`() {
        #expect(ScannedRequest("GET http://a/ HTTP/1.1\r\n\r\n").violation == .missingHost)
        #expect(ScannedRequest("GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n").violation == .malformedHost)
        #expect(ScannedRequest("GET http://a/ HTTP/1.0\r\nHost: a\r\n\r\n").result == .complete)
    }

    @Test func `before HTTP 1_1 a target that names the authority needs no Host`() {
        for target in ["GET http://a:80/x", "CONNECT a:80"] {
            let request = ScannedRequest("\(target) HTTP/1.0\r\nX: y\r\n\r\n")
            #expect(request.result == .complete && request.text(request.head.host) == "a:80")
            #expect(!request.head.hasHostField)
            #expect(ScannedRequest("\(target) HTTP/1.1\r\nX: y\r\n\r\n").violation == .missingHost)
            #expect(ScannedRequest("\(target) HTTP/1.0\r\nHost: a:80\r\n\r\n").head.hasHostField)
            #expect(ScannedRequest("\(target) HTTP/1.0\r\nHost: b:80\r\n\r\n").violation == .conflictingHost)
        }
        #expect(ScannedRequest("GET / HTTP/1.0\r\n\r\n").violation == .missingHost)
    }
}
