import Testing

@testable import CountersignHTTP2

@Suite struct HTTP2ConnectionTests {
    private let first = HTTP2Stream(id: 1, slot: 0)

    @Test func aConnectionBeginsWithSettingsAndAWindow() {
        let peer = Peer(isOpen: false)
        #expect(peer.frames().map(\.kind) == [4, 8])
    }

    @Test func aRequestIsReadHoweverItIsCut() {
        for stepwise in [false, true] {
            let peer = Peer()
            let bytes =
                Peer.request(1, Peer.post, [("content-length", "5")], isEnd: false) + Peer.frame(0, 0, 1, [1, 2, 3])
                + Peer.frame(0, 1, 1, [4, 5])
            let events = peer.receive(bytes, stepwise: stepwise)
            #expect(events.first == .head(first, isEnd: false))
            var count = 0
            for case .data(first, let range, _) in events { count += range.count }
            #expect(count == 5)
            guard case .data(first, _, isEnd: true) = events.last else {
                Issue.record("no end")
                continue
            }
        }
    }

    @Test func anythingButThePrefaceAndSettingsIsRefused() {
        let plain = Peer(isOpen: false)
        #expect(plain.receive(Array("GET / HTTP/1.1\r\n".utf8)) == [.failed(.malformedPreface)])
        let hasty = Peer(isOpen: false)
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        #expect(
            hasty.receive(preface + Peer.frame(6, 0, 0, [UInt8](repeating: 0, count: 8))) == [.failed(.missingSettings)]
        )
    }

    @Test func aPingIsAnsweredAndSettingsAreAcknowledged() {
        let peer = Peer()
        #expect(peer.receive(Peer.frame(6, 0, 0, hex("0102030405060708"))) == [])
        let answer = peer.frames()
        #expect(answer.map(\.flags) == [1])
        #expect(answer.first?.payload == hex("0102030405060708"))
        #expect(peer.receive(Peer.frame(4, 0, 0, hex("000400010000"))) == [.windowGrew(nil)])
        #expect(peer.frames().map(\.flags) == [1])
    }

    @Test(arguments: [
        // Frames that their type, length, stream or place forbids.
        (Peer.frame(0, 0, 0, [1]), HTTP2Violation.malformedFrame), (Peer.frame(0, 0, 1, [1]), .misplacedFrame),
        (Peer.frame(1, 5, 0, []), .malformedFrame), (Peer.frame(1, 0x25, 1, hex("0000000110")), .selfDependency),
        (Peer.frame(2, 0, 0, hex("0000000110")), .malformedFrame),
        (Peer.frame(3, 0, 1, hex("00000000")), .misplacedFrame),
        (Peer.frame(3, 0, 1, hex("000000")), .malformedFrame), (Peer.frame(4, 0, 1), .malformedFrame),
        (Peer.frame(4, 0, 0, hex("0001")), .malformedFrame),
        (Peer.frame(4, 1, 0, hex("000400010000")), .malformedFrame),
        (Peer.frame(4, 0, 0, hex("000480000000")), .windowOverflow),
        (Peer.frame(4, 0, 0, hex("000500000001")), .malformedSettings),
        (Peer.frame(4, 0, 0, hex("000200000002")), .malformedSettings),
        (Peer.frame(5, 4, 1, hex("00000002")), .unexpectedPush),
        (Peer.frame(6, 0, 0, [1]), .malformedFrame), (Peer.frame(7, 0, 0, [1]), .malformedFrame),
        (Peer.frame(8, 0, 0, hex("00000000")), .emptyWindowUpdate),
        (Peer.frame(8, 0, 0, hex("7fffffff")), .windowOverflow),
        (Peer.frame(8, 0, 1, hex("00000001")), .misplacedFrame), (Peer.frame(9, 4, 1, []), .misplacedFrame),
        (Peer.frame(1, 5, 2, Peer.block(Peer.get)), .reusedStream),
        (Peer.frame(1, 5, 1, hex("80")), .malformedHeaderBlock),
        (hex("004001 00 00 00000001"), .frameTooLarge), (Peer.frame(1, 0x0D, 1, hex("05 82")), .malformedPadding),
        (Peer.frame(1, 1, 1, hex("82")) + Peer.frame(6, 0, 0, hex("0102030405060708")), .misplacedFrame),
    ])
    func whatEndsAConnection(_ bytes: [UInt8], _ violation: HTTP2Violation) {
        let peer = Peer()
        #expect(peer.receive(bytes) == [.failed(violation)])
        #expect(peer.complaints() == [violation.errorCode])
        #expect(peer.receive(Peer.request(1)) == [])
    }

    @Test func contentMustBeAsLongAsItsLength() {
        for (length, flags, code) in [
            ("2", UInt8(1), HTTP2Violation.contentLengthMismatch), ("4", 1, .contentLengthMismatch),
            ("2", 0, .contentLengthMismatch),
        ] {
            let peer = Peer()
            let head = Peer.request(1, Peer.post, [("content-length", length)], isEnd: false)
            #expect(peer.receive(head + Peer.frame(0, flags, 1, [1, 2, 3])).last == .streamFailed(first, code))
            #expect(peer.complaints() == [.protocolError])
        }
        let none = Peer()
        #expect(
            none.receive(Peer.request(1, Peer.post, [("content-length", "1")])) == [.refused(.contentLengthMismatch)]
        )
    }

    @Test func trailersEndAMessageAndHaveNoPseudoFields() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1, Peer.post, isEnd: false))
        #expect(peer.receive(Peer.request(1, [("grpc-status", "0")])) == [.trailers(first)])
        #expect(peer.message == "grpc-status: 0\r\n")
        _ = peer.receive(Peer.request(3, Peer.post, isEnd: false))
        let second = HTTP2Stream(id: 3, slot: 1)
        #expect(peer.receive(Peer.request(3, [(":path", "/")])) == [.streamFailed(second, .malformedTrailers)])
        _ = peer.receive(Peer.request(5, Peer.post, isEnd: false))
        let third = HTTP2Stream(id: 5, slot: 1)
        #expect(peer.receive(Peer.request(5, [("a", "b")], isEnd: false)) == [.streamFailed(third, .malformedTrailers)])
    }

    @Test func whatComesBehindTheEndOfAMessageBreaksItsStreamAlone() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1) + Peer.request(3, Peer.post, isEnd: false))
        #expect(peer.receive(Peer.frame(0, 1, 1, [1])) == [.streamFailed(first, .closedStream)])
        #expect(peer.complaints() == [.streamClosed])
        // Late frames of a stream that is over are dropped, and their bytes given back.
        #expect(peer.receive(Peer.frame(0, 1, 1, [1]) + Peer.request(1)) == [])
        #expect(peer.receive(Peer.frame(0, 1, 3, [1])).count == 1)
    }

    @Test func paddingIsDroppedAndGivenBack() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1, Peer.post, isEnd: false))
        let padded = Peer.frame(0, 8, 1, [3, 9, 9, 0, 0, 0])
        guard case .data(first, let range, isEnd: false) = peer.receive(padded).first else {
            Issue.record("no content")
            return
        }
        #expect(range.count == 2)
        let last = peer.receive(Peer.frame(0, 9, 1, [2, 7, 0, 0]))
        #expect(last.count == 2)
        #expect(peer.receive(Peer.frame(0, 8, 1, [4, 0, 0, 0])) == [.failed(.malformedPadding)])
    }

    @Test func moreStreamsThanTheLimitAreRefusedAndMayBeSentAgain() {
        var limits = HTTP2Limits()
        limits.maxConcurrentStreams = 2
        let peer = Peer(limits: limits)
        let events = peer.receive(Peer.request(1) + Peer.request(3) + Peer.request(5))
        #expect(events.last == .refused(.tooManyStreams))
        #expect(peer.complaints() == [.refusedStream])
    }

    @Test func anOversizedHeadIsToldAndTheNextIsServed() {
        var limits = HTTP2Limits()
        limits.maxHeaderListSize = 300
        let peer = Peer(limits: limits)
        let large = [("x", String(repeating: "v", count: 400))]
        #expect(peer.receive(Peer.request(1, Peer.get, large)) == [.oversizedHead(first, isEnd: true)])
        #expect(peer.receive(Peer.request(3)) == [.head(HTTP2Stream(id: 3, slot: 1), isEnd: true)])
    }

    @Test func anEndIsToldInTwoSteps() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1))
        peer.connection.announceShutdown(peer.workspace)
        let told = peer.frames()
        #expect(told.map(\.kind) == [7, 6])
        #expect(told.first?.payload.prefix(4) == [0x7F, 0xFF, 0xFF, 0xFF])
        // On its way when the end was told, and still served.
        #expect(peer.receive(Peer.request(3)) == [.head(HTTP2Stream(id: 3, slot: 1), isEnd: true)])
        _ = peer.receive(Peer.frame(6, 1, 0, told.last?.payload ?? []))
        #expect(peer.frames().first?.payload.prefix(4) == [0, 0, 0, 3])
        #expect(peer.receive(Peer.request(5)) == [])
        #expect(!peer.isDrained)
        peer.connection.reset(first, .noError, peer.workspace)
        peer.connection.reset(HTTP2Stream(id: 3, slot: 1), .noError, peer.workspace)
        #expect(peer.isDrained)
    }
}
