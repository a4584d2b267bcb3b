import CountersignPKI
import Testing

@testable import CountersignRouter

/// An endpoint with a wrong identity is left out for longer and longer, and for never too long.
@Suite struct EndpointSuspensionTests {
    private let second: UInt64 = 1_000_000_000
    private let failure = UpstreamFailure.rejected(ChainRejection(.nameMismatch, "another"))

    @Test func `nothing is left out at first`() {
        let suspension = EndpointSuspension()
        #expect(suspension.isClear && suspension.until == 0 && suspension.failure == nil)
    }

    @Test func `each failure doubles the time, up to 30 seconds`() {
        var suspension = EndpointSuspension()
        var now: UInt64 = 100 * second
        for seconds: UInt64 in [1, 2, 4, 8, 16, 30, 30, 30] {
            #expect(fails(&suspension, now) == true)
            #expect(suspension.until == now + seconds * second)
            now = suspension.until
        }
    }

    @Test func `failures while it is left out are one`() {
        var suspension = EndpointSuspension()
        #expect(fails(&suspension, 10 * second) == true)
        #expect(fails(&suspension, 10 * second + 1) == false)
        #expect(suspension.until <= 11 * second + 1)
        #expect(fails(&suspension, 20 * second) == true)
        #expect(suspension.until == 22 * second)
    }

    @Test func `its end forgets the failures`() {
        var suspension = EndpointSuspension()
        _ = suspension.fail(failure, now: 10 * second)
        suspension.end()
        #expect(suspension.isClear && suspension.until == 0)
        #expect(fails(&suspension, 20 * second) == true)
        #expect(suspension.until == 21 * second)
    }

    private func fails(_ suspension: inout EndpointSuspension, _ now: UInt64) -> Bool {
        suspension.fail(failure, now: now)
    }
}
