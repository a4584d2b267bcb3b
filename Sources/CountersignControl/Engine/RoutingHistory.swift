/// Which routes and domains the newest transactions have changed, so that a router that was away for a moment is told of those alone.
package struct RoutingHistory: Sendable {
    /// The most patterns that are remembered.
    package static let limit = 100_000

    /// What was changed.
    package struct Changes: Sendable {
        /// Patterns of routes.
        package var patterns: Set<String> = []
        /// Names of domains.
        package var domains: Set<String> = []

        var count: Int { patterns.count + domains.count }
    }

    private var entries: [(version: Int64, changes: Changes)] = []
    private var first: Int64
    private var count = 0

    /// A history that begins after a version.
    package init(after version: Int64 = 0) {
        first = version
    }

    /// Notes what a transaction has changed.
    mutating func add(_ changes: Changes, version: Int64) {
        entries.append((version, changes))
        // One without changes takes room as well.
        count += changes.count + 1
        guard count > Self.limit else { return }
        var dropped = 0
        while count > Self.limit / 2, dropped < entries.count {
            count -= entries[dropped].changes.count + 1
            first = entries[dropped].version
            dropped += 1
        }
        entries.removeFirst(dropped)
    }

    /// What was changed after a version; nil when that is no longer known.
    package func changes(after version: Int64) -> Changes? {
        guard version >= first else { return nil }
        var changes = Changes()
        for entry in entries.reversed() {
            guard entry.version > version else { break }
            changes.patterns.formUnion(entry.changes.patterns)
            changes.domains.formUnion(entry.changes.domains)
        }
        return changes
    }
}
