import Testing

@testable import CountersignControl

@Suite struct RoutingHistoryTests {
    @Test func `what was long ago is not known any more, and says so`() {
        var history = RoutingHistory(after: 0)
        for version: Int64 in 1...Int64(RoutingHistory.limit) { history.add(["p\(version % 10)"], version: version) }
        #expect(history.changes(after: 0) == nil)
        let newest = Int64(RoutingHistory.limit)
        #expect(history.changes(after: newest - 3)?.count == 3)
        #expect(history.changes(after: newest) == [])
    }

    @Test func `a version that was never made is known to have no changes after it`() {
        var history = RoutingHistory(after: 5)
        history.add(["a"], version: 6)
        #expect(history.changes(after: 4) == nil)
        #expect(history.changes(after: 5) == ["a"])
        #expect(history.changes(after: 6) == [])
    }
}
