import CountersignIssuance
import Testing

@Suite struct RetryBackoffTests {
    private let backoff = RetryBackoff()

    @Test(arguments: [(1, 1000), (2, 2000), (3, 4000), (6, 32_000), (9, 256_000), (10, 300_000), (1000, 300_000)])
    func `pauses double up to the longest, each between its half and its whole`(failures: Int, whole: Int64) {
        for seed in 0..<200 {
            let pause = backoff.pause(
                afterFailures: failures,
                remaining: 86_400_000,
                jitter: Jitter(seed: UInt64(seed))
            )
            #expect(pause >= whole / 2 && pause <= whole)
        }
    }

    @Test func `the nearer the end, the shorter the pause`() {
        let pauses = [3_000_000, 600_000, 60_000, 10_000, 1].map { remaining in
            backoff.pause(afterFailures: 20, remaining: remaining, jitter: Jitter(seed: 5))
        }
        #expect(pauses == pauses.sorted(by: >))
        #expect(pauses[2] <= 6000 && pauses[4] <= 1000)
    }

    @Test func `without a valid certificate it tries at least every half minute`() {
        for failures in [1, 5, 100] {
            let pause = backoff.pause(afterFailures: failures, remaining: 0, jitter: Jitter(seed: 3))
            #expect(pause >= 500 && pause <= 30_000)
        }
    }

    @Test func `two holders do not come back together`() {
        let pauses = Set(
            (0..<100).map { host in
                backoff.pause(afterFailures: 9, remaining: 86_400_000, jitter: Jitter(naming: "host-\(host)"))
            }
        )
        #expect(pauses.count > 90)
    }

    @Test func `senseless settings still pause`() {
        let backoff = RetryBackoff(first: -5, longest: -1, emergency: .min)
        #expect(backoff.pause(afterFailures: -3, remaining: .max, jitter: Jitter(seed: 1)) == 1)
    }
}
