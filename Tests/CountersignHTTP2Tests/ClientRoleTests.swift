import Testing

@testable import CountersignHTTP2

/// The side that sends requests to an upstream.
@Suite struct ClientRoleTests {
    private func response(_ id: UInt32, _ fields: [(String, String)], isEnd: Bool = true) -> [UInt8] {
        Peer.frame(1, isEnd ? 5 : 4, id, Peer.block(fields))
    }

    @Test func responsesAreWrittenAsTheScannerReadsThem() throws {
        let peer = Peer(.client)
        let stream = try #require(peer.open())
        #expect(
            peer.receive(response(1, [(":status", "103"), ("link", "x")], isEnd: false)) == [
                .head(stream, isEnd: false)
            ]
        )
        #expect(peer.message == "HTTP/1.1 103 \r\nlink: x\r\n\r\n")
        #expect(
            peer.receive(response(1, [(":status", "200"), ("a", "b")], isEnd: false)) == [.head(stream, isEnd: false)]
        )
        #expect(peer.receive(Peer.frame(0, 0, 1, [1])).count == 1)
        #expect(peer.receive(response(1, [("grpc-status", "0")])) == [.trailers(stream)])
    }

    @Test func aRequestIsReadByAServerOfTheSameKind() throws {
        let client = Peer(.client)
        let stream = try #require(client.open())
        #expect(client.beginHead(stream))
        for (name, value) in Peer.get {
            let text = Array((name + value).utf8)
            let middle = name.utf8.count
            client.connection.add(text.span, name: 0..<middle, value: middle..<text.count, client.workspace)
        }
        let long = Array(("x-long" + String(repeating: "v", count: 40_000)).utf8)
        client.connection.add(long.span, name: 0..<6, value: 6..<long.count, client.workspace)
        client.connection.endHead(stream, isEnd: true, client.workspace)
        let server = Peer()
        #expect(server.receive(client.workspace.output) == [.head(stream, isEnd: true)])
        #expect(server.message.count > 40_000)
    }

    @Test func aResponseOfTheWrongLengthBreaksItsStream() throws {
        let peer = Peer(.client)
        let stream = try #require(peer.open())
        _ = peer.receive(response(1, [(":status", "200"), ("content-length", "3")], isEnd: false))
        #expect(peer.receive(Peer.frame(0, 1, 1, [1])) == [.streamFailed(stream, .contentLengthMismatch)])
        let head = try #require(peer.open(isBodiless: true))
        #expect(peer.receive(response(3, [(":status", "200"), ("content-length", "3")])) == [.head(head, isEnd: true)])
    }

    @Test(arguments: [
        [(":status", "101")], [(":status", "20")], [(":status", "abc")], [("a", "b")], [(":status", "600")],
        [(":status", "200"), (":status", "200")], [(":status", "200"), ("connection", "close")],
    ])
    func malformedResponsesBreakTheirStream(_ fields: [(String, String)]) throws {
        let peer = Peer(.client)
        let stream = try #require(peer.open())
        guard case .streamFailed(stream, _) = peer.receive(response(1, fields)).last else {
            Issue.record("accepted \(fields)")
            return
        }
    }

    @Test func thePeersLimitOfStreamsIsKept() throws {
        let peer = Peer(.client)
        _ = peer.receive(Peer.frame(4, 0, 0, hex("000300000001")))
        let stream = try #require(peer.open())
        #expect(peer.open() == nil)
        peer.connection.reset(stream, .cancel, peer.workspace)
        #expect(peer.canOpen)
        #expect(peer.receive(Peer.frame(7, 0, 0, hex("0000000100000000"))) == [.goAway(last: 1, .noError)])
        #expect(!peer.canOpen)
    }
}
