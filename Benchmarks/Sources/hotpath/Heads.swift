import CountersignHTTP1

/// Messages as they come from a client and from a service.
enum Heads {
    /// What a client says for itself, and what it claims and a router does not pass on.
    static let requestLines = """
        GET /v1/users/42?expand=address HTTP/1.1\r
        Host: backend.apps.mtls.internal\r
        User-Agent: curl/8.5.0\r
        Accept: application/json\r
        Accept-Encoding: gzip, br\r
        Cookie: session=0123456789abcdef0123456789abcdef\r\n
        """
    static let requestClaims = """
        X-Forwarded-Client-Cert: Hash=0000\r
        Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n
        """
    static let requestHead = Array("\(requestLines)\(requestClaims)\r\n".utf8)

    static let responseHead = Array(
        """
        HTTP/1.1 200 OK\r
        Server: nginx\r
        Date: Sun, 22 Nov 2026 07:00:00 GMT\r
        Content-Type: application/json\r
        Content-Length: 100\r
        Connection: keep-alive\r
        Cache-Control: no-store\r
        \r\n
        """.utf8
    )

    static func request() -> () -> Void {
        let bytes = requestHead
        let scanner = Scanner()
        return { Hotpath.expect(scanner.requests.scan(bytes.span) == .complete, "a head is complete") }
    }

    static func response() -> () -> Void {
        let bytes = responseHead
        let scanner = Scanner()
        return {
            Hotpath.expect(scanner.responses.scan(bytes.span, requestMethod: .get) == .complete, "a head is complete")
        }
    }

    static func chunks() -> () -> Void {
        let chunk = Array("400\r\n".utf8) + [UInt8](repeating: 0x78, count: 1024) + Array("\r\n".utf8)
        let bytes = Array(repeatElement(chunk, count: 4).joined()) + Array("0\r\n\r\n".utf8)
        return {
            var reader = BodyReader(.chunked)
            var offset = 0
            var total = 0
            reading: while true {
                switch reader.next(bytes.span, from: &offset) {
                case .data(let range): total += range.count
                case .end: break reading
                case .trailer, .needMore, .violation: Hotpath.expect(false, "chunks are well formed")
                }
            }
            Hotpath.expect(total == 4096, "all content is read")
        }
    }

    /// Scanners cannot be copied into a closure.
    private final class Scanner {
        var requests = RequestScanner()
        var responses = ResponseScanner()
    }
}
