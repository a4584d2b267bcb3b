/// By what a connection that awaits nothing of its server keeps its place when there is no room for a new one.
///
/// The least of them gives way first: those of connections that have asked for nothing yet, then those that wait longest.
package struct PlaceClaim: Comparable {
    private let hasAsked: Bool
    private let since: UInt64
    private let id: UInt64

    /// - Parameters:
    ///   - hasAsked: whether there has been a whole request, or there has hardly been time for one.
    ///   - since: when the last request was done with, or the connection began, in the loop's nanoseconds.
    ///   - id: the connection's number, which no other has.
    package init(hasAsked: Bool, since: UInt64, id: UInt64) {
        self.hasAsked = hasAsked
        self.since = since
        self.id = id
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.hasAsked ? 1 : 0, left.since, left.id) < (right.hasAsked ? 1 : 0, right.since, right.id)
    }

    /// The connection that gives its place to a new one; nil when there is none.
    ///
    /// - Parameters:
    ///   - connections: all that there are.
    ///   - claim: by what one keeps its place; nil when the server owes it something.
    ///   - isAsking: whether something of it has come that was not read yet; it is spared where a few others are not asking.
    package static func least<Connection>(
        of connections: some Collection<Connection>,
        claim: (Connection) -> PlaceClaim?,
        isAsking: (Connection) -> Bool
    ) -> Connection? {
        var spared: (claim: PlaceClaim, connection: Connection)?
        var first: Connection?
        for _ in 0..<looks {
            var least: (claim: PlaceClaim, connection: Connection)?
            for connection in connections {
                guard let found = claim(connection) else { continue }
                if let spared, found <= spared.claim { continue }
                if let least, found > least.claim { continue }
                least = (found, connection)
            }
            guard let least else { break }
            guard isAsking(least.connection) else { return least.connection }
            first = first ?? least.connection
            spared = least
        }
        return first
    }

    /// How many connections are asked whether something has come: whoever sends all the time is not spared for ever.
    private static let looks = 4
}
