import CountersignAuthority
import Testing

@Suite struct RateLimiterTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `a burst passes at once, and what goes beyond it at the rate`() {
        let limiter = RateLimiter(RateLimit(perSecond: 2, burst: 3))
        for _ in 0..<3 { #expect(limiter.admit("a", at: 0)) }
        #expect(!limiter.admit("a", at: 0))
        #expect(!limiter.admit("a", at: Self.second / 2 - 1))
        #expect(limiter.admit("a", at: Self.second / 2))
        #expect(!limiter.admit("a", at: Self.second / 2))
    }

    @Test func `rest fills a burst and no more`() {
        let limiter = RateLimiter(RateLimit(perSecond: 2, burst: 3))
        #expect(limiter.admit("a", at: 0))
        let later = 1000 * Self.second
        for _ in 0..<3 { #expect(limiter.admit("a", at: later)) }
        #expect(!limiter.admit("a", at: later))
    }

    @Test func `keys do not share a limit`() {
        let limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1))
        #expect(limiter.admit("a", at: 0) && limiter.admit("b", at: 0))
        #expect(!limiter.admit("a", at: 0) && !limiter.admit("b", at: 0))
    }

    @Test func `a clock that goes back admits nothing more`() {
        let limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1))
        #expect(limiter.admit("a", at: 5 * Self.second))
        #expect(!limiter.admit("a", at: 0))
    }

    @Test func `when there are too many keys, those at rest are forgotten and the others are not`() {
        let limiter = RateLimiter(RateLimit(perSecond: 1, burst: 2), maximumKeys: 3)
        #expect(limiter.admit("rested", at: 0) && limiter.admit("rested", at: 0))
        let now = 10 * Self.second
        for key in ["busy", "busier"] { #expect(limiter.admit(key, at: now) && limiter.admit(key, at: now)) }
        #expect(limiter.admit("new", at: now))
        #expect(!limiter.admit("busy", at: now) && !limiter.admit("busier", at: now))
    }

    @Test func `when all of too many keys are busy, all are forgotten: memory stays bounded`() {
        let limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1), maximumKeys: 2)
        #expect(limiter.admit("a", at: 0) && limiter.admit("b", at: 0))
        #expect(limiter.admit("c", at: 0))
        #expect(limiter.admit("a", at: 0))
    }
}
