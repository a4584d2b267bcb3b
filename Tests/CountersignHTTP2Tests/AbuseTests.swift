import Testing

@testable import CountersignHTTP2

/// What costs a server more than it costs its peer is bounded, and what an honest peer does is not.
@Suite struct AbuseTests {
    /// Feeds what `make` says for each stream number until the connection fails.
    private func flood(_ count: Int, _ make: (UInt32) -> [UInt8]) -> [HTTP2Event] {
        let peer = Peer()
        var events: [HTTP2Event] = []
        for round in 0..<count {
            events += peer.receive(make(UInt32(round * 2 + 1)))
            if peer.hasFailed { break }
        }
        return events
    }

    @Test func rapidResetsEndTheConnection() {
        let events = flood(1000) { Peer.request($0) + Peer.frame(3, 0, $0, hex("00000008")) }
        #expect(events.last == .failed(.resetFlood))
    }

    @Test func resetsThatThePeerProvokesEndTheConnectionToo() {
        let events = flood(1000) { Peer.request($0) + Peer.frame(8, 0, $0, hex("00000000")) }
        #expect(events.last == .failed(.resetFlood))
        let malformed = flood(1000) { Peer.request($0, Peer.get, [("connection", "close")]) }
        #expect(malformed.last == .failed(.resetFlood))
    }

    @Test func resetsInTheLongRunArePartOfLife() {
        let peer = Peer()
        for round in 0..<2000 {
            peer.connection.now += 1_000_000_000
            let id = UInt32(round * 2 + 1)
            _ = peer.receive(Peer.request(id) + Peer.frame(3, 0, id, hex("00000008")))
        }
        #expect(!peer.hasFailed)
    }

    @Test func continuationsAreBoundedInNumberAndSize() {
        let many = Peer()
        var bytes = Peer.frame(1, 1, 1, hex("82"))
        for _ in 0..<100 { bytes += Peer.frame(9, 0, 1, hex("84")) }
        #expect(many.receive(bytes) == [.failed(.continuationFlood)])
        #expect(many.complaints() == [.enhanceYourCalm])
        let large = Peer()
        let piece = [UInt8](repeating: 0x82, count: 16_384)
        bytes = Peer.frame(1, 1, 1, piece)
        for _ in 0..<8 { bytes += Peer.frame(9, 0, 1, piece) }
        #expect(large.receive(bytes) == [.failed(.headerBlockTooLarge)])
    }

    @Test func aHeaderBombEndsTheConnection() {
        let peer = Peer()
        var block = Peer.block(Peer.get) + hex("4001617f9d1e") + [UInt8](repeating: 0x61, count: 4000)
        block += [UInt8](repeating: 0xBE, count: 8000)
        #expect(peer.receive(Peer.frame(1, 5, 1, block)) == [.failed(.headerExpansion)])
        #expect(peer.complaints() == [.enhanceYourCalm])
    }

    @Test(arguments: [
        (Peer.frame(6, 0, 0, hex("0102030405060708")), HTTP2Violation.controlFrameFlood),
        (Peer.frame(4, 0, 0), .controlFrameFlood), (Peer.frame(2, 0, 1, hex("0000000010")), .controlFrameFlood),
        (Peer.frame(0xEE, 0, 1), .controlFrameFlood), (Peer.frame(8, 0, 0, hex("00000001")), .windowUpdateFlood),
        (Peer.frame(0, 0, 1), .emptyFrameFlood), (Peer.frame(0, 8, 1, hex("020000")), .emptyFrameFlood),
    ])
    func floodsOfOneFrameEndTheConnection(_ frame: [UInt8], _ violation: HTTP2Violation) {
        let peer = Peer()
        _ = peer.receive(Peer.request(1, Peer.post, isEnd: false))
        var last: HTTP2Event?
        for _ in 0..<2000 where !peer.hasFailed { last = peer.receive(frame).last ?? last }
        #expect(last == .failed(violation))
        #expect(peer.complaints().last == .enhanceYourCalm)
    }

    @Test func windowUpdatesForContentThatWasSentAreNoFlood() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1))
        let stream = HTTP2Stream(id: 1, slot: 0)
        let content = [UInt8](repeating: 7, count: 10_000)
        for _ in 0..<3000 {
            #expect(peer.send(content, on: stream, isEnd: false) == 10_000)
            _ = peer.receive(Peer.frame(8, 0, 0, hex("00002710")) + Peer.frame(8, 0, 1, hex("00002710")))
            peer.workspace.output.removeAll()
        }
        #expect(!peer.hasFailed)
    }
}
