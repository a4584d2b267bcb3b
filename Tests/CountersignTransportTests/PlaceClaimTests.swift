import CountersignTransport
import Testing

/// Which connection gives its place to a new one.
@Suite struct PlaceClaimTests {
    private struct Connection {
        let id: UInt64
        var claim: PlaceClaim?
        var isAsking = false

        init(_ id: UInt64, hasAsked: Bool, since: UInt64, isAsking: Bool = false) {
            self.id = id
            self.claim = PlaceClaim(hasAsked: hasAsked, since: since, id: id)
            self.isAsking = isAsking
        }
    }

    private static func least(_ connections: [Connection]) -> UInt64? {
        PlaceClaim.least(of: connections, claim: \.claim, isAsking: \.isAsking)?.id
    }

    @Test func `those that have never asked go first, then those that wait longest`() {
        var left = [
            Connection(1, hasAsked: true, since: 10), Connection(2, hasAsked: false, since: 30),
            Connection(3, hasAsked: true, since: 5), Connection(4, hasAsked: false, since: 20),
            Connection(5, hasAsked: false, since: 20),
        ]
        var order: [UInt64] = []
        while let id = Self.least(left) {
            order.append(id)
            left.removeAll { $0.id == id }
        }
        #expect(order == [4, 5, 2, 3, 1])
    }

    @Test func `one to which an answer is owed keeps its place`() {
        var owed = Connection(1, hasAsked: false, since: 0)
        owed.claim = nil
        #expect(Self.least([owed]) == nil)
        #expect(Self.least([owed, Connection(2, hasAsked: true, since: 9)]) == 2)
    }

    @Test func `one that is asking is spared where another is not, and only a few of them`() {
        let asking = (1...4).map { Connection($0, hasAsked: false, since: $0, isAsking: true) }
        #expect(Self.least([asking[0], Connection(9, hasAsked: true, since: 9)]) == 9)
        #expect(Self.least(asking) == 1)
        #expect(Self.least(asking + [Connection(9, hasAsked: true, since: 9)]) == 1)
    }
}
