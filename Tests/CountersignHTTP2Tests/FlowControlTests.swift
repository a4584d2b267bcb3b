import Testing

@testable import CountersignHTTP2

@Suite struct FlowControlTests {
    private let first = HTTP2Stream(id: 1, slot: 0)

    @Test func contentIsSentAsFarAsTheWindowsAllow() {
        let peer = Peer()
        _ = peer.receive(Peer.frame(4, 0, 0, hex("00040000000a")) + Peer.request(1))
        _ = peer.frames()
        let content = [UInt8](repeating: 7, count: 25)
        #expect(peer.send(content, on: first, isEnd: true) == 10)
        #expect(peer.frames().map(\.payload.count) == [10])
        #expect(peer.send(content, on: first, isEnd: true) == 0)
        #expect(peer.receive(Peer.frame(8, 0, 1, hex("0000000f"))) == [.windowGrew(first)])
        #expect(peer.send(Array(content[10..<25]), on: first, isEnd: true) == 15)
        #expect(peer.frames().map(\.flags) == [1])
        #expect(!peer.isOpen(first))
    }

    @Test func aWindowThatShrinksBelowNothingStaysClosedUntilItIsPaid() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1))
        let content = [UInt8](repeating: 7, count: 100)
        #expect(peer.send(content, on: first, isEnd: false) == 100)
        _ = peer.receive(Peer.frame(4, 0, 0, hex("000400000000")))
        #expect(peer.sendRoom(first) == 0)
        _ = peer.receive(Peer.frame(8, 0, 1, hex("00000064")))
        #expect(peer.sendRoom(first) == 0)
        _ = peer.receive(Peer.frame(8, 0, 1, hex("00000001")))
        #expect(peer.sendRoom(first) == 1)
    }

    @Test func theConnectionsWindowBoundsAllStreams() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1) + Peer.request(3))
        let content = [UInt8](repeating: 7, count: 65_535)
        #expect(peer.send(content, on: first, isEnd: false) == 65_535)
        #expect(peer.sendRoom(HTTP2Stream(id: 3, slot: 1)) == 0)
        #expect(peer.frames().allSatisfy { $0.payload.count <= 16_384 })
    }

    @Test func aPeerThatSendsMoreThanItsWindowIsStopped() {
        var limits = HTTP2Limits()
        limits.streamWindow = 65_535
        limits.connectionWindow = 100_000
        var connection = HTTP2Connection(.server, limits: limits)
        let workspace = HTTP2Workspace(limits: limits)
        connection.start(workspace)
        let piece = Peer.frame(0, 0, 1, [UInt8](repeating: 1, count: 16_384))
        var bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Peer.frame(4, 0, 0)
        bytes += Peer.request(1, Peer.post, isEnd: false)
        for _ in 0..<4 { bytes += piece }
        var offset = 0
        var events: [HTTP2Event] = []
        while true {
            let event = connection.next(bytes.span, from: &offset, workspace)
            guard event != .needMore else { break }
            events.append(event)
        }
        #expect(events.last == .streamFailed(first, .windowExceeded))
    }

    @Test func whatIsUsedUpIsGivenBackInLargePieces() {
        let peer = Peer()
        _ = peer.receive(Peer.request(1, Peer.post, isEnd: false))
        let piece = Peer.frame(0, 0, 1, [UInt8](repeating: 1, count: 16_384))
        for _ in 0..<64 { _ = peer.receive(piece) }
        let updates = peer.frames().filter { $0.kind == 8 }
        #expect(!updates.isEmpty && updates.count < 16)
        #expect(updates.contains { $0.stream == 0 } && updates.contains { $0.stream == 1 })
    }
}
