import CountersignTransport
import Testing

@Suite struct BackoffTests {
    @Test func `waiting doubles up to a limit and begins anew after a success`() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff(first: .milliseconds(200), last: .seconds(10))
        for longest in [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000] {
            let pause = backoff.next(&generator)
            #expect(pause >= .milliseconds(longest / 2) && pause <= .milliseconds(longest))
        }
        backoff.reset()
        #expect(backoff.next(&generator) <= .milliseconds(200))
    }

    @Test func `any number of failures waits for the last pause, and no limits make it wait for nothing`() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff(first: .zero, last: .zero)
        var long = Backoff(first: .seconds(3600), last: .seconds(86_400))
        for _ in 0..<100 {
            #expect(backoff.next(&generator) <= .milliseconds(1))
            #expect(long.next(&generator) <= .seconds(86_400))
        }
    }
}
