import CountersignHTTP1
import Testing

@Suite struct RequestScannerTests {
    @Test func `a request is taken apart into ranges`() {
        let request = ScannedRequest(
            "GET /orders?id=7 HTTP/1.1\r\nHost: orders.example:8443\r\nAccept:*/*\r\nX-A: \t b\tc \t\r\n\r\nrest"
        )
        #expect(request.result == .complete)
        #expect(request.head.start == 0)
        #expect(request.head.length == request.bytes.count - 4)
        #expect(request.head.method == .get)
        #expect(request.text(request.head.methodRange) == "GET")
        #expect(request.text(request.head.target) == "/orders?id=7")
        #expect(request.head.path == request.head.target)
        #expect(request.head.targetForm == .origin)
        #expect(request.text(request.head.host) == "orders.example:8443")
        #expect(request.head.version == .http11)
        #expect(request.head.framing == .none)
        #expect(request.head.keepAlive)
        #expect(request.fields.map { request.text($0.name) } == ["Host", "Accept", "X-A"])
        #expect(request.fields.map { request.text($0.value) } == ["orders.example:8443", "*/*", "b\tc"])
        #expect(
            request.fields.map { request.text($0.line) } == [
                "Host: orders.example:8443\r\n", "Accept:*/*\r\n", "X-A: \t b\tc \t\r\n",
            ]
        )
    }

    @Test func `one empty line before the request is skipped and counted in the length`() {
        let request = ScannedRequest("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.result == .complete)
        #expect(request.head.start == 2)
        #expect(request.text(request.head.methodRange) == "GET")
        #expect(request.head.length == request.bytes.count)
    }

    @Test func `a second empty line before the request is refused`() {
        #expect(ScannedRequest("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").violation == .emptyRequestLine)
    }

    @Test func `empty values and bytes past ASCII in values are taken`() {
        let request = ScannedRequest(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Blank: \t \r\nX-Text: \u{80}\u{FF}\r\n\r\n"
        )
        #expect(request.result == .complete)
        #expect(request.fields.map(\.value.count) == [1, 0, 0, 2])
    }

    @Test func `pipelined requests are found one after the other`() {
        let pipeline = latin1(
            """
            GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /22 HTTP/1.1\r\nHost: b\r\nX: y\r\n\r\n\
            GET /3 HTTP/1.0\r\nHost: c\r\n\r\n
            """
        )
        var scanner = RequestScanner()
        var rest = pipeline[...]
        var targets: [String] = []
        while !rest.isEmpty {
            let bytes = Array(rest)
            #expect(scanner.scan(bytes.span) == .complete)
            targets.append(String(decoding: bytes[scanner.head.path.start..<scanner.head.path.end], as: UTF8.self))
            rest = rest.dropFirst(scanner.head.length)
        }
        #expect(targets == ["/1", "/22", "/3"])
    }

    @Test func `nothing of one head is left in the next`() {
        var scanner = RequestScanner()
        let first = latin1(
            """
            POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close, X-Hop, upgrade\r\n\
            Upgrade: w\r\nExpect: 100-continue\r\nX-Hop: 1\r\n\r\n
            """
        )
        #expect(scanner.scan(first.span) == .complete)
        #expect(scanner.head.framing == .length(5))
        let second = "GET / HTTP/1.1\r\nHost: b\r\nX-Hop: 1\r\n\r\n"
        #expect(scanner.scan(latin1(second).span) == .complete)
        let fresh = ScannedRequest(second)
        #expect(scanner.head == fresh.head)
        #expect(scanner.fields == fresh.fields)
        #expect(scanner.fields.allSatisfy { !$0.isConnectionNominated })
    }

    @Test(arguments: [
        ("GET", RequestMethod.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
        ("OPTIONS", .options), ("TRACE", .trace), ("PATCH", .patch), ("get", .other), ("PROPFIND", .other),
        ("GETS", .other), ("M-SEARCH", .other), ("!#$%&'*+-.^_`|~", .other), ("VERSION-CONTROL", .other),
    ])
    func `methods are told apart by case`(name: String, method: RequestMethod) {
        let request = ScannedRequest("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.result == .complete)
        #expect(request.head.method == method)
        #expect(request.text(request.head.methodRange) == name)
    }

    @Test func `safe methods are idempotent and what is unknown is neither`() {
        let all: [RequestMethod] = [.get, .head, .post, .put, .delete, .connect, .options, .trace, .patch, .other]
        #expect(all.filter(\.isIdempotent) == [.get, .head, .put, .delete, .options, .trace])
    }

    @Test(
        arguments: [
            ("HTTP/1.1", nil, true), ("HTTP/1.1", "keep-alive", true), ("HTTP/1.1", "close", false),
            ("HTTP/1.1", "Keep-Alive, CLOSE", false), ("HTTP/1.1", ", ,close,", false), ("HTTP/1.1", "closed", true),
            ("HTTP/1.0", nil, false), ("HTTP/1.0", "Keep-Alive", true), ("HTTP/1.0", "keep-alive, close", false),
            ("HTTP/1.0", "keep-alives", false), ("HTTP/1.1", "", true),
        ] as [(String, String?, Bool)]
    )
    func `persistence follows version and Connection, and close wins`(
        version: String,
        connection: String?,
        keepAlive: Bool
    ) {
        let field = connection.map { "Connection: \($0)\r\n" } ?? ""
        let request = ScannedRequest("GET / \(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(request.result == .complete)
        #expect(request.head.keepAlive == keepAlive)
    }

    @Test(arguments: [
        ("HTTP/1.1", "Content-Length: 3", true), ("HTTP/1.1", "Transfer-Encoding: chunked", true),
        ("HTTP/1.1", "Content-Length: 0", false), ("HTTP/1.1", "X: y", false), ("HTTP/1.0", "Content-Length: 3", false),
    ])
    func `a client waits for 100 only with content to come and in HTTP 1_1`(
        version: String,
        field: String,
        expected: Bool
    ) {
        let request = ScannedRequest("POST / \(version)\r\nHost: a\r\nExpect: 100-Continue\r\n\(field)\r\n\r\n")
        #expect(request.result == .complete)
        #expect(request.head.expectContinue == expected)
    }
}
