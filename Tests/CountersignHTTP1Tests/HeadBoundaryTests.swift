import CountersignHTTP1
import Testing

@Suite struct HeadBoundaryTests {
    private static let limits = HeadLimits()

    @Test func `a head that arrives byte by byte is complete with its last byte`() {
        let bytes = latin1("\r\nGET / HTTP/1.1\r\nHost: a\r\nX: \ty\u{E9}\r\n\r\n")
        var boundary = HeadBoundary()
        for count in 0..<bytes.count {
            let piece = Array(bytes[..<count])
            #expect(boundary.advance(piece.span, limits: Self.limits) == .incomplete)
        }
        #expect(boundary.advance(bytes.span, limits: Self.limits) == .complete(bytes.count))
    }

    @Test func `what follows the head is not looked at`() {
        let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n\0\n\r")
        var boundary = HeadBoundary()
        #expect(boundary.advance(bytes.span, limits: Self.limits) == .complete(bytes.count - 3))
    }

    @Test func `a search begins anew after a reset`() {
        let bytes = latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        var boundary = HeadBoundary()
        #expect(boundary.advance(bytes.span, limits: Self.limits) == .complete(bytes.count))
        boundary.reset()
        let part = Array(bytes.dropLast())
        #expect(boundary.advance(part.span, limits: Self.limits) == .incomplete)
        #expect(boundary.advance(bytes.span, limits: Self.limits) == .complete(bytes.count))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\n", ProtocolViolation.Code.bareLineFeed), ("\n", .bareLineFeed), ("GET\0", .controlByte),
        ("GET / HTTP/1.1\rH", .bareCarriageReturn), ("\rG", .bareCarriageReturn), ("\r\n\r\n", .emptyRequestLine),
        ("GET / HTTP/1.1\r\nHost: a\r\n\rX", .bareCarriageReturn), ("GET / HTTP/1.1\r\nX: \u{7F}", .controlByte),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed), ("GET / HTTP/1.1\r\nX\u{1B}", .controlByte),
    ])
    func `what no head may hold is refused at once`(text: String, code: ProtocolViolation.Code) {
        let bytes = latin1(text)
        var boundary = HeadBoundary()
        let shorter = Array(bytes.dropLast())
        #expect(boundary.advance(shorter.span, limits: Self.limits) == .incomplete)
        #expect(boundary.advance(bytes.span, limits: Self.limits) == .violation(ProtocolViolation(code)))
    }

    @Test func `each limit holds as the bytes arrive`() {
        let limits = HeadLimits(maxRequestLineBytes: 14, maxHeaderLineBytes: 8, maxHeadBytes: 40, maxHeaderCount: 2)
        func result(_ text: String) -> HeadBoundary.Result {
            let bytes = latin1(text)
            var boundary = HeadBoundary()
            return boundary.advance(bytes.span, limits: limits)
        }
        let line = "GET / HTTP/1.1"
        #expect(result(line) == .incomplete)
        #expect(result(line + "x") == .violation(ProtocolViolation(.requestLineTooLong)))
        #expect(result(line + "\r\nHost: ab") == .incomplete)
        #expect(result(line + "\r\nHost: abc") == .violation(ProtocolViolation(.fieldLineTooLong)))
        #expect(result(line + "\r\nA: b\r\nC: d\r\n") == .incomplete)
        #expect(result(line + "\r\nA: b\r\nC: d\r\nE:\r\n") == .violation(ProtocolViolation(.tooManyFields)))
        #expect(result(line + "\r\nHost: ab\r\nC: 90123\r\n\r\n") == .complete(38))
        #expect(result(line + "\r\nHost: ab\r\nC: 90123\r\nE: 9") == .violation(ProtocolViolation(.headTooLarge)))
    }
}
