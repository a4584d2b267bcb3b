import CountersignHTTP1
import Testing

@testable import CountersignHTTP2

@Suite struct RequestMessageTests {
    private func translate(_ fields: [(String, String)], isEnd: Bool = true) -> (HTTP2Event?, String) {
        let peer = Peer()
        let events = peer.receive(Peer.request(1, fields, isEnd: isEnd))
        return (events.first, peer.message)
    }

    @Test func aRequestIsWrittenAsTheScannerReadsIt() {
        let (_, text) = translate(Peer.get + [("accept", "*/*"), ("cookie", "a=1"), ("x", "y"), ("cookie", "b=2")])
        #expect(text == "GET /x HTTP/1.1\r\nhost: a.example\r\naccept: */*\r\nx: y\r\ncookie: a=1; b=2\r\n\r\n")
        var scanner = RequestScanner()
        #expect(scanner.scan(Array(text.utf8).span) == .complete)
        #expect(scanner.head.framing == .none)
    }

    @Test func contentWithoutALengthIsChunkedAndWithOneIsNot() {
        #expect(translate(Peer.post, isEnd: false).1.hasSuffix("\r\ntransfer-encoding: chunked\r\n\r\n"))
        let sized = translate(Peer.post + [("content-length", "3")], isEnd: false).1
        #expect(sized.hasSuffix("\r\ncontent-length: 3\r\n\r\n"))
    }

    @Test func theHostStandsInForAMissingAuthority() {
        let fields = [(":method", "GET"), (":scheme", "https"), (":path", "/"), ("host", "b.example")]
        #expect(translate(fields).1 == "GET / HTTP/1.1\r\nhost: b.example\r\n\r\n")
    }

    @Test func anEqualHostIsWrittenOnceAndAnotherIsRefused() {
        #expect(translate(Peer.get + [("host", "A.example")]).1 == "GET /x HTTP/1.1\r\nhost: a.example\r\n\r\n")
        #expect(translate(Peer.get + [("host", "b.example")]).0 == .refused(.conflictingAuthority))
        #expect(
            translate(Peer.get + [("host", "a.example"), ("host", "b.example")]).0 == .refused(.conflictingAuthority)
        )
    }

    @Test func connectNamesItsTargetByTheAuthorityAlone() {
        let text = translate([(":method", "CONNECT"), (":authority", "a.example:443")]).1
        #expect(text == "CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\n\r\n")
        let extended = [(":method", "CONNECT"), (":protocol", "websocket")] + Peer.get.dropFirst()
        #expect(translate(extended).0 == .refused(.malformedPseudoField))
    }

    @Test(arguments: [
        ("connection", "close"), ("keep-alive", "1"), ("proxy-connection", "x"), ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"), ("te", "gzip"), ("te", "trailers, gzip"),
    ])
    func connectionSpecificFieldsAreRefused(_ name: String, _ value: String) {
        #expect(translate(Peer.get + [(name, value)]).0 == .refused(.connectionSpecificField))
        #expect(translate(Peer.get + [("te", "trailers")]).1.contains("te: trailers\r\n"))
    }

    @Test(arguments: [
        ("Accept", "x"), ("", "x"), ("a b", "x"), ("a:b", "x"), ("a", "x\r\ny: z"), ("a", "x\0"), ("a", " x"),
        ("a", "x\t"), ("a\r\nb", "x"), ("ä", "x"), ("a", "\u{7F}"),
    ])
    func malformedFieldsAreRefused(_ name: String, _ value: String) {
        #expect(translate(Peer.get + [(name, value)]).0 == .refused(.malformedField))
    }

    @Test(arguments: [
        [(":method", "GET"), (":scheme", "https"), (":authority", "a")],
        [(":method", "GET"), (":authority", "a"), (":path", "/")],
        [(":scheme", "https"), (":authority", "a"), (":path", "/")],
        [(":method", "GET"), (":method", "GET"), (":scheme", "https"), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":path", "")],
        [(":method", "GET"), (":scheme", "https"), (":path", "x")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/a b")],
        [(":method", "G T"), (":scheme", "https"), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/\r\nx: y")],
        [(":method", "GET"), (":scheme", "ftp"), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":authority", ""), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":status", "200")],
        [(":method", "CONNECT"), (":scheme", "https"), (":authority", "a:1"), (":path", "/")],
    ])
    func malformedPseudoFieldsAreRefused(_ fields: [(String, String)]) {
        #expect(translate(fields).0 == .refused(.malformedPseudoField))
    }

    @Test func aPseudoFieldBehindAnotherIsRefused() {
        let fields = [(":method", "GET"), (":scheme", "https"), ("a", "b"), (":path", "/")]
        #expect(translate(fields).0 == .refused(.malformedPseudoField))
        #expect(translate(Peer.get + [("a", "b"), (":authority", "c")]).0 == .refused(.malformedField))
    }
}
