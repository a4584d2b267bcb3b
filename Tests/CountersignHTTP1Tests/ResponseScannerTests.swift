import CountersignHTTP1
import Testing

@Suite struct ResponseScannerTests {
    @Test func `a response is taken apart into ranges`() {
        let response = ScannedResponse("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody")
        #expect(response.result == .complete)
        #expect(response.head.status == 404)
        #expect(response.head.version == .http11)
        #expect(response.text(response.head.reason) == "Not Found")
        #expect(response.head.framing == .length(4))
        #expect(response.head.keepAlive)
        #expect(response.head.length == response.bytes.count - 4)
        #expect(response.fields.map { response.text($0.line) } == ["Content-Length: 4\r\n", "X-A: b\r\n"])
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", "OK"), ("HTTP/1.1 200 ", ""), ("HTTP/1.1 200", ""), ("HTTP/1.0 200 A\tB \u{21}", "A\tB !"),
        ("HTTP/1.1 100 x", "x"), ("HTTP/1.1 599 x", "x"), ("HTTP/1.1 200  x", " x"),
    ])
    func `a status line with or without a reason is taken`(line: String, reason: String) {
        let response = ScannedResponse("\(line)\r\n\r\n")
        #expect(response.result == .complete)
        #expect(response.text(response.head.reason) == reason)
    }

    @Test(arguments: [
        ("HTTP/1.1 99 x", ProtocolViolation.Code.malformedStatusLine), ("HTTP/1.1 099 x", .malformedStatusLine),
        ("HTTP/1.1 600 x", .malformedStatusLine), ("HTTP/1.1 1000 x", .malformedStatusLine),
        ("HTTP/1.1 2OO x", .malformedStatusLine), ("HTTP/1.1 20 x", .malformedStatusLine),
        ("HTTP/1.1 +20 x", .malformedStatusLine), ("HTTP/1.1  200 x", .malformedStatusLine),
        ("HTTP/1.1\t200 x", .malformedStatusLine), ("HTTP/1.1 200\tx", .malformedStatusLine),
        ("HTTP/1.1 200x", .malformedStatusLine), ("HTTP/1.1", .malformedStatusLine),
        ("HTTP/1.1 ", .malformedStatusLine),
        (" HTTP/1.1 200 x", .malformedStatusLine), ("", .malformedStatusLine), ("OK", .malformedStatusLine),
        ("HTTP/2 200 x", .malformedStatusLine), ("ICY 200 OK", .malformedStatusLine),
        ("http/1.1 200 x", .malformedStatusLine),
        ("HTTP/2.0 200 x", .unsupportedVersion), ("HTTP/1.2 200 x", .unsupportedVersion),
        ("HTTP/1.1 200 \0", .controlByte), ("HTTP/1.1 200 a\nb", .bareLineFeed),
        ("HTTP/1.1 200 a\rb", .bareCarriageReturn), ("HTTP/1.1 200 \u{7F}", .controlByte),
    ])
    func `a malformed status line is refused`(line: String, code: ProtocolViolation.Code) {
        #expect(ScannedResponse("\(line)\r\nContent-Length: 0\r\n\r\n").violation == code)
    }

    @Test(arguments: [
        ("Content-Length: 1\r\nContent-Length: 1", ProtocolViolation.Code.repeatedContentLength),
        ("Content-Length: 1, 1", .malformedContentLength), ("Content-Length: -1", .malformedContentLength),
        ("Content-Length: 18446744073709551616", .contentLengthOverflow),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", .lengthAndTransferEncoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
        ("Transfer-Encoding: gzip", .unsupportedTransferCoding),
        ("Transfer-Encoding: chunked\t", .malformedTransferEncoding), ("Content_Length: 1", .disguisedFramingField),
        ("Connection: content-length", .nominatedFramingField), ("X : y", .spaceBeforeColon),
        ("X: y\r\n z", .lineFolding), ("X: a\nb", .bareLineFeed), ("X: \0", .controlByte),
    ])
    func `ambiguous framing from an upstream is refused`(fields: String, code: ProtocolViolation.Code) {
        #expect(ScannedResponse("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n").violation == code)
    }

    @Test func `chunked in HTTP 1_0 is refused`() {
        let fields = "Transfer-Encoding: chunked\r\n\r\n"
        #expect(ScannedResponse("HTTP/1.0 200 OK\r\n\(fields)").violation == .transferEncodingInHTTP10)
        #expect(ScannedResponse("HTTP/1.1 200 OK\r\n\(fields)").head.framing == .chunked)
    }

    @Test(arguments: [
        (200, RequestMethod.get, "", BodyFraming.untilClose), (200, .get, "Content-Length: 0\r\n", .length(0)),
        (200, .get, "Transfer-Encoding: chunked\r\n", .chunked), (200, .head, "Content-Length: 9\r\n", .none),
        (200, .head, "Transfer-Encoding: chunked\r\n", .none), (200, .head, "", .none),
        (304, .get, "Content-Length: 9\r\n", .none), (304, .get, "", .none), (204, .get, "", .none),
        (204, .get, "Content-Length: 0\r\n", .none), (100, .post, "", .none), (103, .get, "", .none),
        (101, .get, "Connection: upgrade\r\nUpgrade: w\r\n", .none), (200, .connect, "", .none),
        (299, .connect, "Content-Length: 0\r\n", .none), (407, .connect, "Content-Length: 9\r\n", .length(9)),
        (205, .get, "Content-Length: 0\r\n", .length(0)), (500, .get, "", .untilClose),
    ])
    func `framing follows method and status`(
        status: Int,
        method: RequestMethod,
        fields: String,
        framing: BodyFraming
    ) {
        let response = ScannedResponse("HTTP/1.1 \(status) x\r\n\(fields)\r\n", to: method)
        #expect(response.result == .complete)
        #expect(response.head.framing == framing)
        #expect(response.head.isInterim == (status < 200))
    }

    @Test(arguments: [
        (200, RequestMethod.get, "", false), (200, .get, "Content-Length: 9\r\n", true),
        (200, .get, "Transfer-Encoding: chunked\r\n", true), (204, .get, "", true), (304, .get, "", true),
        (304, .get, "Content-Length: 0\r\n", true), (304, .get, "Content-Length: 9\r\n", false),
        (304, .get, "Transfer-Encoding: chunked\r\n", false), (200, .head, "", true),
        (200, .head, "Content-Length: 0\r\n", true), (200, .head, "Content-Length: 9\r\n", false),
        (200, .head, "Transfer-Encoding: chunked\r\n", false),
    ])
    func `a connection is kept where no content can be left over`(
        status: Int,
        method: RequestMethod,
        fields: String,
        keepAlive: Bool
    ) {
        let response = ScannedResponse("HTTP/1.1 \(status) x\r\n\(fields)\r\n", to: method)
        #expect(response.result == .complete)
        #expect(response.head.keepAlive == keepAlive)
    }

    @Test(arguments: [(204, RequestMethod.get), (100, .post), (101, .get), (200, .connect)])
    func `content where there can be none is refused`(status: Int, method: RequestMethod) {
        for field in ["Content-Length: 1", "Transfer-Encoding: chunked"] {
            let response = ScannedResponse("HTTP/1.1 \(status) x\r\n\(field)\r\n\r\n", to: method)
            #expect(response.violation == .forbiddenContent)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: keep-alive\r\n", true), ("HTTP/1.1", "Connection: keep-alive, close\r\n", false),
    ])
    func `persistence follows version and Connection`(version: String, field: String, keepAlive: Bool) {
        let response = ScannedResponse("\(version) 200 OK\r\nContent-Length: 0\r\n\(field)\r\n")
        #expect(response.result == .complete)
        #expect(response.head.keepAlive == keepAlive)
    }

    @Test func `limits hold for responses`() {
        let limits = HeadLimits(maxRequestLineBytes: 15, maxHeaderLineBytes: 4, maxHeadBytes: 40, maxHeaderCount: 2)
        #expect(ScannedResponse("HTTP/1.1 200 OK\r\nX: y\r\n\r\n", limits: limits).result == .complete)
        #expect(ScannedResponse("HTTP/1.1 200 OKK\r\n\r\n", limits: limits).violation == .statusLineTooLong)
        #expect(ScannedResponse("HTTP/1.1 200 OK\r\nX: yy\r\n\r\n", limits: limits).violation == .fieldLineTooLong)
        let three = "HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\n\r\n"
        #expect(ScannedResponse(three, limits: limits).violation == .tooManyFields)
    }

    @Test func `no prefix of a response is complete and none is refused`() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\nX: \ty\t\r\n\r\n"
        for count in 0..<whole.utf8.count {
            let prefix = String(decoding: Array(whole.utf8).prefix(count), as: UTF8.self)
            #expect(ScannedResponse(prefix).result == .needMore)
        }
        #expect(ScannedResponse(whole).result == .complete)
    }
}
