import Testing

@testable import CountersignControl

@Suite struct RoutingHistoryTests {
    private static func changes(_ pattern: String) -> RoutingHistory.Changes {
        var changes = RoutingHistory.Changes()
        changes.patterns = [pattern]
        return changes
    }

    @Test func `what was long ago is not known any more, and says so`() {
        var history = RoutingHistory(after: 0)
        for version: Int64 in 1...Int64(RoutingHistory.limit) {
            history.add(Self.changes("p\(version % 10)"), version: version)
        }
        #expect(history.changes(after: 0)?.patterns == nil)
        let newest = Int64(RoutingHistory.limit)
        #expect(history.changes(after: newest - 3)?.patterns.count == 3)
        #expect(history.changes(after: newest)?.patterns == [])
    }

    @Test func `a version that was never made is known to have no changes after it`() {
        var history = RoutingHistory(after: 5)
        history.add(Self.changes("a"), version: 6)
        #expect(history.changes(after: 4)?.patterns == nil)
        #expect(history.changes(after: 5)?.patterns == ["a"])
        #expect(history.changes(after: 6)?.patterns == [])
    }
}
