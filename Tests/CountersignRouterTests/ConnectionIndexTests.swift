import CountersignPKI
import CountersignTesting
import Testing

@testable import CountersignRouter

@Suite struct ConnectionIndexTests {
    private final class Connection: IndexedConnection {
        var peerGroup: PeerGroup<Connection>?
        var positionInPeerGroup = 0
    }

    private final class Peer {
        let keys: [RevocationKey]

        init(_ keys: [RevocationKey]) {
            self.keys = keys
        }
    }

    private static func key(_ number: Int) -> RevocationKey {
        RevocationKey(issuerKeyIdentifier: [1], serial: [UInt8(number >> 8), UInt8(number & 0xFF)])
    }

    /// The issuer of all peers.
    private static let issuer = RevocationKey(issuerKeyIdentifier: [2], serial: [1])

    private static func identifiers(_ connections: [Connection]) -> Set<ObjectIdentifier> {
        Set(connections.map(ObjectIdentifier.init))
    }

    @Test func `a certificate leads to its ten connections of a thousand, and its issuer to all`() {
        var index = ConnectionIndex<Connection>()
        let peers = (0..<100).map { Peer([Self.key($0), Self.issuer]) }
        let connections = (0..<1000).map { _ in Connection() }
        for (number, connection) in connections.enumerated() {
            let peer = peers[number % 100]
            index.insert(connection, of: peer) { peer.keys }
        }
        let expected = Self.identifiers(connections.enumerated().filter { $0.offset % 100 == 7 }.map(\.element))
        #expect(expected.count == 10)
        #expect(Self.identifiers(index.connections(under: [Self.key(7)])) == expected)
        #expect(Self.identifiers(index.connections { $0 == Self.key(7) }) == expected)
        #expect(index.connections(under: [Self.issuer, Self.key(7)]).count == 1000)
        #expect(index.connections(under: [Self.key(100)]).isEmpty)
        for connection in connections { index.remove(connection) }
        #expect(index.peerCount == 0 && index.keyCount == 0)
    }

    @Test func `removing what is not held does nothing`() {
        var index = ConnectionIndex<Connection>()
        let peer = Peer([Self.key(1)])
        let (held, other) = (Connection(), Connection())
        index.insert(held, of: peer) { peer.keys }
        index.remove(other)
        #expect(index.connections(under: peer.keys).count == 1)
        index.remove(held)
        index.remove(held)
        #expect(index.connections(under: peer.keys).isEmpty)
    }

    @Test func `agrees with a scan over any sequence of additions and removals`() {
        var generator = SeededGenerator(seed: 31)
        var index = ConnectionIndex<Connection>()
        var model: [(connection: Connection, peer: Peer)] = []
        let peers = (0..<8).map { Peer([Self.key($0 / 2), Self.key(100 + $0), Self.issuer]) }
        for _ in 0..<2000 {
            if model.isEmpty || Bool.random(using: &generator) {
                let peer = peers[Int.random(in: 0..<8, using: &generator)]
                let connection = Connection()
                index.insert(connection, of: peer) { peer.keys }
                model.append((connection, peer))
            } else {
                let position = Int.random(in: 0..<model.count, using: &generator)
                index.remove(model.remove(at: position).connection)
            }
            let key =
                [Self.key(Int.random(in: 0..<4, using: &generator)), Self.key(103), Self.issuer]
                .randomElement(using: &generator) ?? Self.issuer
            let expected = Self.identifiers(model.filter { $0.peer.keys.contains(key) }.map(\.connection))
            #expect(Self.identifiers(index.connections(under: [key])) == expected)
        }
    }
}
