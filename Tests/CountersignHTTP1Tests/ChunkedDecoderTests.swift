import CountersignHTTP1
import Testing

@Suite struct ChunkedDecoderTests {
    static let accepted: [(String, String)] = [
        ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("a\r\n0123456789\r\n000\r\n\r\n", "0123456789"),
        ("0000000000000001\r\na\r\n0000000000000000\r\n\r\n", "a"), ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("5;a\r\nhello\r\n0;b=c\r\n\r\n", "hello"), ("5;a=\"b;c\\\"d\";e\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;\r\nhello\r\n0\r\n\r\n", "hello"), ("5; a = b\t\r\nhello\r\n0\r\n\r\n", "hello"),
        ("3;x=\u{E9}\r\n\0\n\r\r\n0\r\n\r\n", "\0\n\r"), ("1\r\na\r\n0\r\nX: y\r\nExpires: \t z \r\n\r\n", "a"),
        ("0\r\nX:\r\n\r\n", ""),
    ]

    static let refused: [(String, ProtocolViolation.Code)] = [
        ("\r\n", .malformedChunkSize), (";a\r\n", .malformedChunkSize), (" 5\r\n", .malformedChunkSize),
        ("5 \r\n", .malformedChunkSize), ("5 ;a\r\n", .malformedChunkSize), ("5\t\r\n", .malformedChunkSize),
        ("+5\r\n", .malformedChunkSize), ("-5\r\n", .malformedChunkSize), ("0x5\r\n", .malformedChunkSize),
        ("5h\r\n", .malformedChunkSize), ("g\r\n", .malformedChunkSize), ("5,5\r\n", .malformedChunkSize),
        ("5\0\r\n", .malformedChunkSize), ("\u{FF}", .malformedChunkSize), ("5_0\r\n", .malformedChunkSize),
        ("\n", .bareLineFeed), ("5\nhello\r\n", .bareLineFeed), ("5;a\nhello\r\n", .bareLineFeed),
        ("5\rhello", .bareCarriageReturn), ("5;a\rb\r\n", .bareCarriageReturn), ("5;a\0\r\n", .controlByte),
        ("5;a\u{7F}\r\n", .controlByte), ("8000000000000000\r\n", .chunkSizeOverflow),
        ("ffffffffffffffff\r\n", .chunkSizeOverflow), ("10000000000000000\r\n", .chunkSizeOverflow),
        ("00000000000000001\r\n", .chunkSizeOverflow), ("1\r\nab", .missingChunkTerminator),
        ("1\r\na\n", .missingChunkTerminator), ("1\r\na\rb", .bareCarriageReturn),
        ("1\r\na0\r\n\r\n", .missingChunkTerminator),
        ("2\r\na\r\n\r\n", .missingChunkTerminator), ("0\r\n\n", .bareLineFeed), ("0\n\r\n", .bareLineFeed),
        ("0\r\n\rX", .bareCarriageReturn), ("0\r\nX: y\n\r\n", .bareLineFeed), ("0\r\nX : y\r\n", .spaceBeforeColon),
        ("0\r\n X: y\r\n", .lineFolding), ("0\r\nX: y\r\n z\r\n", .lineFolding), ("0\r\n: y\r\n", .emptyFieldName),
        ("0\r\nX\r\n", .malformedFieldName), ("0\r\nX: \0\r\n", .controlByte),
        ("0\r\nX: a\rb\r\n", .bareCarriageReturn),
        ("0\r\nContent-Length: 5\r\n", .forbiddenTrailer), ("0\r\ntransfer-encoding: chunked\r\n", .forbiddenTrailer),
        ("0\r\nHost: a\r\n", .forbiddenTrailer), ("0\r\nContent_Length: 5\r\n", .forbiddenTrailer),
        ("1\r\na\r\n\r\n", .malformedChunkSize), ("GET / HTTP/1.1\r\n", .malformedChunkSize),
    ]

    @Test(arguments: accepted)
    func `a body in order gives its content and leaves what follows`(body: String, content: String) {
        let decoded = DecodedBody(body + "GET ")
        #expect(decoded.isFinished)
        #expect(decoded.violation == nil)
        #expect(decoded.content == latin1(content))
        #expect(decoded.consumed == latin1(body).count)
    }

    @Test(arguments: refused)
    func `a malformed body is refused`(body: String, code: ProtocolViolation.Code) {
        let decoded = DecodedBody(body)
        #expect(decoded.violation == code)
        #expect(!decoded.isFinished)
    }

    @Test(arguments: accepted)
    func `no body is finished before its last byte`(body: String, content: String) {
        let bytes = latin1(body)
        for count in 0..<bytes.count {
            let decoded = DecodedBody(Array(bytes[..<count]))
            #expect(!decoded.isFinished)
            #expect(decoded.violation == nil)
        }
    }

    @Test func `trailer lines are given whole, with their names`() {
        let decoded = DecodedBody("0\r\nX-Sum: abc\r\nExpires:\tnow \r\n\r\n")
        #expect(decoded.trailers == ["X-Sum: abc\r\n", "Expires:\tnow \r\n"])
        #expect(decoded.trailerNames == ["X-Sum", "Expires"])
    }

    @Test func `a decoder that has finished stays finished and takes nothing more`() {
        var decoder = ChunkedDecoder()
        let bytes = latin1("0\r\n\r\n5\r\n")
        var offset = 0
        #expect(decoder.next(bytes.span, from: &offset) == .finished)
        #expect(decoder.next(bytes.span, from: &offset) == .finished)
        #expect(decoder.isFinished)
        #expect(offset == 5)
    }

    @Test func `a decoder that has refused goes on refusing`() {
        var decoder = ChunkedDecoder()
        let bad = latin1("x")
        let good = latin1("0\r\n\r\n")
        var offset = 0
        #expect(decoder.next(bad.span, from: &offset) == .violation(ProtocolViolation(.malformedChunkSize)))
        offset = 0
        #expect(decoder.next(good.span, from: &offset) == .violation(ProtocolViolation(.malformedChunkSize)))
        #expect(!decoder.isFinished)
    }

    @Test func `the largest chunk size is taken`() {
        var decoder = ChunkedDecoder()
        let bytes = latin1("7fffffffffffffff\r\nabc")
        var offset = 0
        #expect(decoder.next(bytes.span, from: &offset) == .data(ByteRange(start: 18, end: 21)))
        #expect(decoder.next(bytes.span, from: &offset) == .needMore)
    }

    @Test(arguments: [-1, Int.min, 6, Int.max])
    func `an offset outside the bytes waits for more`(start: Int) {
        for state in ["", "5", "5;", "5\r", "5\r\n", "1\r\na", "1\r\na\r", "0\r\n", "0\r\nX"] {
            var decoder = ChunkedDecoder()
            let bytes = latin1(state)
            var offset = 0
            while decoder.next(bytes.span, from: &offset) != .needMore {}
            offset = start
            #expect(decoder.next(latin1("01234").span, from: &offset) == .needMore)
            #expect(offset == start)
        }
    }
}
