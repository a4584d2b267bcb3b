/// How long to wait after a failure.
///
/// After failure number n, counted from 1, the pause is `p * (1/2 + u/2)` with `p = min(cap, first * 2^(n-1))` and a
/// fraction u of the holder's own, so that a fleet does not come back at once. The cap is the shortest of ``longest``, a
/// tenth of what is left of the certificate (at least ``first``), and ``emergency`` once nothing is left.
package struct RetryBackoff: Sendable, Hashable {
    /// The pause after the first failure, in milliseconds; at least 1.
    package let first: Int64
    /// The longest pause, in milliseconds; at least ``first``.
    package let longest: Int64
    /// The longest pause while no valid certificate is held, in milliseconds; at least ``first``.
    package let emergency: Int64

    package init(first: Int64 = 1000, longest: Int64 = 300_000, emergency: Int64 = 30_000) {
        self.first = max(first, 1)
        self.longest = max(longest, self.first)
        self.emergency = max(emergency, self.first)
    }

    /// The pause in milliseconds, at least 1.
    ///
    /// - Parameters:
    ///   - failures: how many times in a row it has failed, 1 or more.
    ///   - remaining: what is left of the certificate in milliseconds; 0 or less when nothing is left or held.
    ///   - jitter: spreads the attempts of many that failed together.
    package func pause(afterFailures failures: Int, remaining: Int64, jitter: Jitter) -> Int64 {
        let cap = remaining > 0 ? min(longest, max(remaining / 10, first)) : min(longest, emergency)
        var pause = first
        var doublings = max(failures, 1) - 1
        while doublings > 0, pause < cap {
            pause = pause > cap / 2 ? cap : pause * 2
            doublings -= 1
        }
        pause = min(pause, cap)
        let spread = Double(pause - pause / 2) * jitter.fraction(UInt64(max(failures, 1)))
        return max(pause / 2 + Int64(spread.rounded(.up)), 1)
    }
}
