import CountersignHTTP1
import Testing

@Suite struct RequestFramingTests {
    @Test(arguments: refusals)
    func `ambiguous framing is refused and the nearest clear one taken`(row: Refusal) {
        let refused = ScannedRequest(row.refused)
        #expect(refused.violation == row.code)
        #expect(refused.violation?.status == row.status)
        #expect(ScannedRequest(row.allowed).result == .complete)
    }

    static let refusals: [Refusal] = lengths + codings + connections

    private static let lengths: [Refusal] = [
        length("empty", "", .malformedContentLength),
        length("positive sign", "+1", .malformedContentLength),
        length("negative", "-1", .malformedContentLength),
        length("hexadecimal", "0x1", .malformedContentLength),
        length("hexadecimal digits", "1a", .malformedContentLength),
        length("fraction", "1.0", .malformedContentLength),
        length("exponent", "1e1", .malformedContentLength),
        length("space within", "1 1", .malformedContentLength),
        length("list of the same", "1, 1", .malformedContentLength),
        length("list without a space", "1,1", .malformedContentLength),
        length("list of others", "1,2", .malformedContentLength),
        length("list with an empty element", "1,", .malformedContentLength),
        length("quoted", "\"1\"", .malformedContentLength),
        length("parameter", "1;a", .malformedContentLength),
        length("underscore", "1_0", .malformedContentLength),
        length("digits past ASCII", "\u{B2}", .malformedContentLength),
        length("tab before", "\t1", .malformedContentLength),
        length("space after", "1 ", .malformedContentLength),
        length("tab after", "1\t", .malformedContentLength),
        length("2^64", "18446744073709551616", .contentLengthOverflow),
        length("20 nines", "99999999999999999999", .contentLengthOverflow),
        length("40 digits", String(repeating: "9", count: 40), .contentLengthOverflow),
        .fields(
            "Content-Length repeated, the same",
            "Content-Length: 1\r\nContent-Length: 1",
            .repeatedContentLength,
            allowed: "Content-Length: 1"
        ),
        .fields(
            "Content-Length repeated, another",
            "Content-Length: 1\r\nX: y\r\ncontent-length: 2",
            .repeatedContentLength,
            allowed: "Content-Length: 1\r\nX: y"
        ),
        .fields(
            "Content-Length and Transfer-Encoding",
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            .lengthAndTransferEncoding,
            allowed: "Content-Length: 1"
        ),
        .fields(
            "Transfer-Encoding and Content-Length",
            "Transfer-Encoding: chunked\r\nContent-Length: 0",
            .lengthAndTransferEncoding,
            allowed: "Transfer-Encoding: chunked"
        ),
        .fields(
            "Content_Length",
            "Content_Length: 1",
            .disguisedFramingField,
            allowed: "Content_Length1: 1"
        ),
        .fields(
            "transfer_encoding",
            "transfer_encoding: chunked",
            .disguisedFramingField,
            allowed: "transfer_encodings: chunked"
        ),
        Refusal(
            "content for CONNECT",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n",
            .contentOnConnect,
            allowed: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0\r\n\r\n"
        ),
        Refusal(
            "chunked content for CONNECT",
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentOnConnect,
            allowed: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"
        ),
    ]

    private static let codings: [Refusal] = [
        coding("empty", "", .malformedTransferEncoding),
        coding("chunked twice", "chunked, chunked", .malformedTransferEncoding),
        coding("chunked not last", "chunked, gzip", .malformedTransferEncoding),
        coding("empty element first", ", chunked", .malformedTransferEncoding),
        coding("empty element last", "chunked,", .malformedTransferEncoding),
        coding("only a comma", ",", .malformedTransferEncoding),
        coding("quoted", "\"chunked\"", .malformedTransferEncoding),
        coding("single-quoted", "'chunked'", .unsupportedTransferCoding, 501),
        coding("parameter", "chunked;a=b", .malformedTransferEncoding),
        coding("two words", "chunked chunked", .malformedTransferEncoding),
        coding("word before", "x chunked", .malformedTransferEncoding),
        coding("space after", "chunked ", .malformedTransferEncoding),
        coding("tab after", "chunked\t", .malformedTransferEncoding),
        coding("tab before", "\tchunked", .malformedTransferEncoding),
        coding("tab in a list", "gzip,\tchunked", .malformedTransferEncoding),
        coding("no-break space", "chunked\u{A0}", .malformedTransferEncoding),
        coding("colon before", ":chunked", .malformedTransferEncoding),
        coding("xchunked", "xchunked", .unsupportedTransferCoding, 501),
        coding("chunkedx", "chunkedx", .unsupportedTransferCoding, 501),
        coding("chunke", "chunke", .unsupportedTransferCoding, 501),
        coding("identity", "identity", .unsupportedTransferCoding, 501),
        coding("identity, chunked", "identity, chunked", .unsupportedTransferCoding, 501),
        coding("gzip", "gzip", .unsupportedTransferCoding, 501),
        coding("gzip, chunked", "gzip, chunked", .unsupportedTransferCoding, 501),
        .fields(
            "Transfer-Encoding repeated",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            .repeatedTransferEncoding,
            allowed: "Transfer-Encoding: chunked"
        ),
        .fields(
            "Transfer-Encoding folded",
            "Transfer-Encoding:\r\n chunked",
            .malformedTransferEncoding,
            allowed: "Transfer-Encoding:   chunked"
        ),
        .fields(
            "Transfer-Encoding with a space before the colon",
            "Transfer-Encoding : chunked",
            .spaceBeforeColon,
            allowed: "Transfer-Encoding:chunked"
        ),
        Refusal(
            "chunked in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInHTTP10,
            allowed: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
    ]

    private static let connections: [Refusal] = [
        nomination("Host", .nominatedFramingField),
        nomination("close, CONTENT-LENGTH", .nominatedFramingField),
        nomination("transfer-encoding,close", .nominatedFramingField),
        nomination("close keep-alive", .malformedConnection),
        nomination("close;a", .malformedConnection),
        nomination("\"close\"", .malformedConnection),
        nomination("close, \u{E9}", .malformedConnection),
        nomination(Array(repeating: "x", count: 33).joined(separator: ","), .tooManyConnectionOptions),
        .fields("another expectation", "Expect: 200-ok", .unsupportedExpectation, 417, allowed: "Expect: 100-continue"),
        .fields("an empty expectation", "Expect:", .unsupportedExpectation, 417, allowed: "Expect: 100-CONTINUE"),
        .fields(
            "a list of expectations",
            "Expect: 100-continue, 100-continue",
            .unsupportedExpectation,
            417,
            allowed: "Expect: 100-continue\r\nExpect: 100-continue"
        ),
        .fields(
            "an unknown expectation after a known one",
            "Expect: 100-continue\r\nExpect: x",
            .unsupportedExpectation,
            417,
            allowed: "Expect: 100-continue\r\nX: x"
        ),
    ]

    private static func length(_ name: String, _ value: String, _ code: ProtocolViolation.Code) -> Refusal {
        .fields("Content-Length: \(name)", "Content-Length: \(value)", code, allowed: "Content-Length: 10")
    }

    private static func coding(
        _ name: String,
        _ value: String,
        _ code: ProtocolViolation.Code,
        _ status: Int = 400
    ) -> Refusal {
        .fields(
            "Transfer-Encoding: \(name)",
            "Transfer-Encoding: \(value)",
            code,
            status,
            allowed: "Transfer-Encoding: Chunked"
        )
    }

    private static func nomination(_ value: String, _ code: ProtocolViolation.Code) -> Refusal {
        let allowed = Array(repeating: "x", count: 32).joined(separator: ",")
        return .fields("Connection: \(value)", "Connection: \(value)", code, allowed: "Connection: \(allowed)")
    }

    @Test(arguments: [
        ("X: y", BodyFraming.none), ("Content-Length: 0", .length(0)), ("Content-Length:   12", .length(12)),
        ("Content-Length:0012", .length(12)), ("Content-Length: 18446744073709551615", .length(.max)),
        ("Transfer-Encoding: chunked", .chunked), ("TRANSFER-ENCODING:CHUNKED", .chunked),
    ])
    func `clear framing is understood`(field: String, framing: BodyFraming) {
        let request = ScannedRequest("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
        #expect(request.result == .complete)
        #expect(request.head.framing == framing)
    }

    @Test func `fields that Connection names are marked, before and after it, and no others`() {
        let request = ScannedRequest(
            """
            GET / HTTP/1.1\r\nHost: a\r\nX-Hop: 1\r\nX-Hop-Not: 2\r\nconnection: x-hop,\t close, x-late\r\n\
            Keep-Alive: 3\r\nX-LATE: 4\r\nX-Hop: 5\r\nConnection: KEEP-ALIVE, user-agent\r\nUser-Agent: 6\r\n\
            Referer: 7\r\n\r\n
            """
        )
        #expect(request.result == .complete)
        #expect(
            request.fields.filter(\.isConnectionNominated).map { request.text($0.line) } == [
                "X-Hop: 1\r\n", "Keep-Alive: 3\r\n", "X-LATE: 4\r\n", "X-Hop: 5\r\n", "User-Agent: 6\r\n",
            ]
        )
        #expect(!request.head.keepAlive)
    }
}
