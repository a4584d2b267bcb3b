import Testing

@testable import CountersignRouter

/// So many answers in a row decide, never a single one.
@Suite struct HealthTallyTests {
    private let plan = HealthCheckPlan(
        name: "users",
        endpoints: [],
        path: "/health",
        host: "users.internal",
        interval: 1,
        timeout: 1,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
        statuses: 200...299
    )

    @Test func `it is well until so many checks in a row have failed`() {
        var tally = HealthTally()
        let none = changes(&tally, [false, false, true, false, false])
        #expect(none == [])
        #expect(tally.isWell)
        let last = changes(&tally, [false])
        #expect(last == [false] && !tally.isWell)
    }

    @Test func `it is unwell until so many checks in a row have not`() {
        var tally = HealthTally()
        _ = changes(&tally, [false, false, false])
        let none = changes(&tally, [true, false, true, false])
        #expect(none == [])
        let last = changes(&tally, [true, true])
        #expect(last == [true] && tally.isWell)
    }

    @Test func `the request names the host and asks for no other one`() {
        let text = String(decoding: plan.request, as: UTF8.self)
        #expect(text.hasPrefix("GET /health HTTP/1.1\r\nHost: users.internal\r\n"))
        #expect(text.contains("\r\nConnection: close\r\n") && text.hasSuffix("\r\n\r\n"))
    }

    private func changes(_ tally: inout HealthTally, _ outcomes: [Bool]) -> [Bool] {
        outcomes.filter { tally.take(isGood: $0, plan) }
    }
}
