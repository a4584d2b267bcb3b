import CountersignPKI
import CountersignTelemetry
import Testing

@testable import CountersignRouter

/// Health that expectations can change: they take what they look at as a constant.
private final class TestHealth {
    var health = EndpointHealth()
    let rules = EjectionRules()

    var isClear: Bool { health.isClear }
    var ejection: EndpointHealth.Ejection? { health.ejection }

    func admission(now: UInt64, isRepeatable: Bool) -> EndpointHealth.Admission {
        health.admission(now: now, isRepeatable: isRepeatable)
    }

    func beginTrial(now: UInt64) { health.beginTrial(now: now) }

    func fail(_ fault: EndpointFault, _ now: UInt64, mayEject: Bool = true) -> EndpointHealth.Ejection? {
        health.fail(fault, now: now, rules, mayEject: mayEject)
    }

    func refuse(_ failure: UpstreamFailure, _ now: UInt64) -> EndpointHealth.Ejection? {
        health.refuse(failure, now: now, rules)
    }

    func succeed(now: UInt64, isComplete: Bool) -> Bool { health.succeed(now: now, isComplete: isComplete) }

    func forget() -> Bool { health.forget() }
}

/// An endpoint is left out for what it did, for longer and longer, and comes back by a trial.
@Suite struct EndpointHealthTests {
    private let second: UInt64 = 1_000_000_000
    private let rules = EjectionRules()
    private let wrongName = UpstreamFailure.rejected(ChainRejection(.nameMismatch, "another"))

    @Test func `nothing is left out at first`() {
        let health = TestHealth()
        #expect(health.isClear && health.ejection == nil)
        #expect(health.admission(now: 0, isRepeatable: false) == .open)
    }

    @Test func `so many faults in a row eject, and one less does not`() {
        let health = TestHealth()
        #expect(health.fail(.reset, 10 * second) == nil)
        #expect(health.fail(.timeout, 10 * second) == nil)
        #expect(health.admission(now: 10 * second, isRepeatable: true) == .open && !health.isClear)
        #expect(health.fail(.malformed, 10 * second)?.until == 11 * second)
        #expect(health.admission(now: 10 * second, isRepeatable: true) == .lastResort)
    }

    @Test func `a whole answer makes up for faults, its beginning does not`() {
        for isComplete in [true, false] {
            let health = TestHealth()
            _ = health.fail(.reset, second)
            _ = health.fail(.reset, second)
            #expect(!health.succeed(now: second, isComplete: isComplete))
            #expect((health.fail(.reset, second) == nil) == isComplete)
        }
    }

    @Test func `where too many others are ejected it stays`() {
        let health = TestHealth()
        for _ in 0..<10 {
            #expect(health.fail(.reset, second, mayEject: false) == nil)
        }
        #expect(health.admission(now: second, isRepeatable: true) == .open)
        #expect(health.fail(.reset, second, mayEject: true) != nil)
    }

    @Test func `one request at a time tries it when the time is over`() {
        let health = ejected(at: 10 * second, .connect)
        #expect(health.admission(now: 11 * second - 1, isRepeatable: true) == .lastResort)
        #expect(health.admission(now: 11 * second, isRepeatable: true) == .trial)
        health.beginTrial(now: 11 * second)
        #expect(health.admission(now: 11 * second + 1, isRepeatable: true) == .lastResort)
        #expect(health.admission(now: 12 * second, isRepeatable: true) == .trial, "nothing came of the first one")
        #expect(health.succeed(now: 12 * second, isComplete: false))
        #expect(health.admission(now: 12 * second, isRepeatable: true) == .open)
    }

    @Test func `a request that cannot be repeated tries an endpoint that loses requests later`() {
        let losing = ejected(at: 10 * second, .reset)
        #expect(losing.admission(now: 11 * second, isRepeatable: true) == .trial)
        #expect(losing.admission(now: 11 * second, isRepeatable: false) == .lastResort)
        #expect(losing.admission(now: 12 * second, isRepeatable: false) == .trial)
        let unreachable = ejected(at: 10 * second, .connect)
        #expect(unreachable.admission(now: 11 * second, isRepeatable: false) == .trial)
    }

    @Test func `each failed trial doubles the time, up to 30 seconds`() {
        let health = ejected(at: 10 * second, .connect)
        var now = 11 * second
        for seconds: UInt64 in [2, 4, 8, 16, 30, 30] {
            health.beginTrial(now: now)
            #expect(health.fail(.connect, now)?.length == seconds * second)
            now += seconds * second
        }
    }

    @Test func `faults of requests under way do not count while it is ejected`() {
        let health = ejected(at: 10 * second, .reset)
        #expect(health.fail(.reset, 10 * second + 1) == nil)
        #expect(health.ejection?.until == 11 * second)
    }

    @Test func `soon after its return it is ejected for longer, and after a calm time it is not`() {
        for (calm, length): (UInt64, UInt64) in [(1, 2), (60, 1)] {
            let health = ejected(at: 10 * second, .reset)
            #expect(health.succeed(now: 11 * second, isComplete: true))
            let now = (11 + calm) * second
            _ = health.fail(.reset, now)
            _ = health.fail(.reset, now)
            #expect(health.fail(.reset, now)?.length == length * second)
        }
    }

    @Test func `a wrong identity bars at once, and is never a last resort`() {
        let health = TestHealth()
        #expect(health.refuse(wrongName, 10 * second)?.until == 11 * second)
        #expect(health.admission(now: 10 * second, isRepeatable: true) == .barred)
        #expect(health.refuse(wrongName, 10 * second + 1) == nil, "those opened together are one")
        #expect(health.admission(now: 11 * second, isRepeatable: false) == .trial)
        health.beginTrial(now: 11 * second)
        #expect(health.admission(now: 11 * second, isRepeatable: true) == .barred)
        #expect(health.refuse(wrongName, 11 * second)?.length == 2 * second)
    }

    @Test func `failed checks make it a last resort whatever else is known`() {
        let health = TestHealth()
        health.health.failsChecks = true
        #expect(health.admission(now: 0, isRepeatable: true) == .lastResort && !health.isClear)
        health.health.failsChecks = false
        #expect(health.admission(now: 0, isRepeatable: true) == .open)
        let tried = ejected(at: 10 * second, .connect)
        tried.health.failsChecks = true
        #expect(tried.admission(now: 20 * second, isRepeatable: true) == .lastResort)
    }

    @Test func `forgetting begins anew and keeps what the checks say`() {
        let health = ejected(at: 10 * second, .connect)
        health.health.failsChecks = true
        #expect(health.forget() && !health.forget())
        #expect(health.ejection == nil && health.health.failsChecks)
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 1), (4, 2), (100, 50)])
    func `half of a route is ejected at most, and never its only endpoint`(_ count: Int, _ most: Int) {
        #expect(rules.mostEjected(of: count) == most)
    }

    private func ejected(at now: UInt64, _ fault: EndpointFault) -> TestHealth {
        let health = TestHealth()
        for _ in 0..<rules.consecutiveFailures { _ = health.fail(fault, now) }
        return health
    }
}
