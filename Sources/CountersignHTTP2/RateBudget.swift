/// Work that a peer may cause: so much at once, and so much a second in the long run.
struct RateBudget {
    private var left: Int
    private var since: UInt64 = 0
    private let burst: Int
    private let perSecond: Int

    /// Creates a full budget.
    init(burst: Int, perSecond: Int) {
        self.left = burst
        self.burst = burst
        self.perSecond = perSecond
    }

    /// Takes one unit at a moment, in nanoseconds of any clock; `false` when there is none.
    mutating func take(now: UInt64) -> Bool {
        if left < burst { refill(now) } else { since = now }
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    /// Gives units for work that is worth them.
    mutating func earn(_ units: Int) {
        left = min(burst, left + units)
    }

    private mutating func refill(_ now: UInt64) {
        guard now > since else { return }
        // Beyond an hour nothing more can come of it, and the product stays small.
        let elapsed = min(now - since, 3_600_000_000_000)
        let units = Int(elapsed / 1_000_000) * perSecond / 1000
        guard units > 0 else { return }
        left = min(burst, left + units)
        since = now
    }
}
