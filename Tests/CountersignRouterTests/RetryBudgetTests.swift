import Testing

@testable import CountersignRouter

/// Retries are a share of the requests, so that they never multiply what failing endpoints have to bear.
@Suite struct RetryBudgetTests {
    private let second: UInt64 = 1_000_000_000

    @Test func `a share of the requests may be tried again, and a few in any case`() {
        var plan = RetryPlan()
        plan.minimumPerSecond = 1
        var budget = RetryBudget()
        for _ in 0..<1000 { budget.countRequest(now: 100 * second) }
        expect(taken(&budget, plan, 100 * second), 200 + 10)
        expect(taken(&budget, plan, 105 * second), 0)
    }

    @Test func `what is longer ago than ten seconds counts no more`() {
        var plan = RetryPlan()
        plan.minimumPerSecond = 1
        var budget = RetryBudget()
        for _ in 0..<1000 { budget.countRequest(now: 100 * second) }
        expect(taken(&budget, plan, 100 * second), 210)
        expect(taken(&budget, plan, 109 * second), 0)
        expect(taken(&budget, plan, 110 * second), 10)
        expect(taken(&budget, plan, 1000 * second), 10)
    }

    @Test func `nothing is tried again where the plan has no share and no minimum`() {
        var plan = RetryPlan()
        plan.percent = 0
        plan.minimumPerSecond = 0
        var budget = RetryBudget()
        for _ in 0..<1000 { budget.countRequest(now: second) }
        expect(taken(&budget, plan, second), 0)
    }

    private func expect(_ taken: Int, _ count: Int) {
        #expect(taken == count)
    }

    private func taken(_ budget: inout RetryBudget, _ plan: RetryPlan, _ now: UInt64) -> Int {
        var count = 0
        while count < 10_000, budget.takeRetry(now: now, plan) { count += 1 }
        return count
    }
}
