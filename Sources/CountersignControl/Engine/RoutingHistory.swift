/// Which routes the newest transactions have changed, so that a router that was away for a moment is told of those alone.
package struct RoutingHistory: Sendable {
    /// The most patterns that are remembered.
    package static let limit = 100_000

    private var entries: [(version: Int64, patterns: Set<String>)] = []
    private var first: Int64
    private var count = 0

    /// A history that begins after a version.
    package init(after version: Int64 = 0) {
        first = version
    }

    /// Notes what a transaction has changed.
    mutating func add(_ patterns: Set<String>, version: Int64) {
        entries.append((version, patterns))
        // One without patterns takes room as well.
        count += patterns.count + 1
        guard count > Self.limit else { return }
        var dropped = 0
        while count > Self.limit / 2, dropped < entries.count {
            count -= entries[dropped].patterns.count + 1
            first = entries[dropped].version
            dropped += 1
        }
        entries.removeFirst(dropped)
    }

    /// The patterns that were changed after a version; nil when that is no longer known.
    package func changes(after version: Int64) -> Set<String>? {
        guard version >= first else { return nil }
        var patterns: Set<String> = []
        for entry in entries.reversed() {
            guard entry.version > version else { break }
            patterns.formUnion(entry.patterns)
        }
        return patterns
    }
}
