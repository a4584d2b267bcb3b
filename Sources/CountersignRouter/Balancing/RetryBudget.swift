/// How many retries one worker still has: a share of the requests of the last ten seconds, and a few in any case.
///
/// When all endpoints fail, retries would multiply what they have to bear; the share bounds that.
struct RetryBudget {
    private struct Second {
        var requests = 0
        var retries = 0
    }

    private var seconds = [Second](repeating: Second(), count: RetryBudget.window)
    private var requests = 0
    private var retries = 0
    /// The second that is counted now, in seconds of the loop.
    private var current: UInt64 = 0

    /// Counts a request.
    mutating func countRequest(now: UInt64) {
        advance(to: now)
        seconds[place].requests += 1
        requests += 1
    }

    /// Takes a retry out of the budget; `false` when there is none left.
    mutating func takeRetry(now: UInt64, _ plan: RetryPlan) -> Bool {
        advance(to: now)
        guard retries < plan.minimumPerSecond * Self.window + requests * plan.percent / 100 else { return false }
        seconds[place].retries += 1
        retries += 1
        return true
    }

    private var place: Int { Int(current % UInt64(Self.window)) }

    private mutating func advance(to now: UInt64) {
        let second = now / 1_000_000_000
        guard second > current else { return }
        guard second - current < UInt64(Self.window) else {
            self = RetryBudget()
            current = second
            return
        }
        while current < second {
            current += 1
            requests -= seconds[place].requests
            retries -= seconds[place].retries
            seconds[place] = Second()
        }
    }

    /// Seconds that are counted together.
    private static let window = 10
}
