import CountersignIssuance
import CountersignTesting
import Testing

@Suite struct RenewalStateMachineTests {
    private typealias Machine = RenewalStateMachine
    private static let jitter = Jitter(seed: 11)
    private static let start: Int64 = 1_000_000_000_000

    /// A machine that holds a certificate of an hour, renewed at its half.
    private func fresh() -> (Machine, RenewalSchedule) {
        var machine = Machine(jitter: Self.jitter)
        _ = machine.handle(Self.issued(at: Self.start), at: Self.start)
        guard let schedule = machine.schedule else { return (machine, Self.schedule) }
        return (machine, schedule)
    }

    @Test func `without a certificate it asks at once and is not well until one comes`() {
        var machine = Machine(jitter: Self.jitter)
        #expect(machine.phase(at: Self.start) == .due)
        #expect(machine.handle(.clock, at: Self.start) == [.request(attempt: 1), .report(.absent)])
        #expect(machine.phase(at: Self.start) == .renewing)
        let actions = machine.handle(Self.issued(at: Self.start), at: Self.start)
        #expect(actions.first == .report(.good) && actions.count == 2)
        #expect(machine.phase(at: Self.start) == .fresh)
    }

    @Test func `waits for the time to renew and asks once`() {
        var (machine, schedule) = fresh()
        #expect(machine.handle(.clock, at: schedule.renewAt - 1) == [.wait(until: schedule.renewAt)])
        #expect(machine.phase(at: schedule.renewAt) == .due)
        #expect(
            machine.handle(.clock, at: schedule.renewAt)
                == [.request(attempt: 1), .wait(until: schedule.endangeredAt)]
        )
        #expect(machine.handle(.clock, at: schedule.due) == [.wait(until: schedule.endangeredAt)])
    }

    @Test func `keeps what it holds and tries again when nobody answers`() {
        var (machine, schedule) = fresh()
        _ = machine.handle(.clock, at: schedule.renewAt)
        let actions = machine.handle(.failed(retryAfter: nil), at: schedule.renewAt)
        #expect(actions.first == .report(.late))
        guard case .wait(let until)? = actions.last else {
            Issue.record("no pause in \(actions)")
            return
        }
        #expect(until > schedule.renewAt && machine.phase(at: schedule.renewAt) == .retrying)
        #expect(machine.handle(.clock, at: until - 1) == [.wait(until: until)])
        #expect(machine.handle(.clock, at: until).first == .request(attempt: 2))
        let later = machine.handle(Self.issued(at: until), at: until)
        #expect(later.first == .report(.good) && machine.failures == 0)
    }

    @Test func `becomes alarming before the end and expired at it, and asks all the while`() {
        var (machine, schedule) = fresh()
        _ = machine.handle(.clock, at: schedule.renewAt)
        _ = machine.handle(.failed(retryAfter: 1_000_000_000), at: schedule.renewAt)
        #expect(machine.handle(.clock, at: schedule.endangeredAt).contains(.report(.endangered)))
        #expect(machine.handle(.clock, at: schedule.end).contains(.report(.expired)))
        #expect(machine.phase(at: schedule.end) == .expired)
        #expect(machine.health(at: schedule.end - 1) == .endangered)
    }

    @Test func `one that has expired already is renewed at once`() {
        var machine = Machine(jitter: Self.jitter)
        let actions = machine.handle(Self.issued(at: Self.start - 10_000_000), at: Self.start)
        #expect(actions == [.request(attempt: 1), .report(.expired)])
    }

    @Test func `a refusal's own pause is kept, within an hour`() {
        for (wanted, least) in [(60_000, 60_000), (Int64.max, 3_600_000), (-1, 1)] as [(Int64, Int64)] {
            var (machine, schedule) = fresh()
            _ = machine.handle(.clock, at: schedule.renewAt)
            _ = machine.handle(.failed(retryAfter: wanted), at: schedule.renewAt)
            #expect(machine.handle(.clock, at: schedule.renewAt + least - 1).contains(.request(attempt: 2)) == false)
            #expect(machine.handle(.clock, at: schedule.renewAt + 3_600_000).contains(.request(attempt: 2)))
        }
    }

    @Test func `a demand renews a fresh certificate, and ends a pause`() {
        var (machine, schedule) = fresh()
        #expect(machine.handle(.demanded, at: Self.start).first == .request(attempt: 1))
        _ = machine.handle(.failed(retryAfter: 60_000), at: Self.start)
        #expect(machine.handle(.demanded, at: Self.start + 1).contains(.request(attempt: 2)))
        _ = machine.handle(Self.issued(at: Self.start + 2), at: Self.start + 2)
        #expect(machine.phase(at: Self.start + 2) == .fresh && machine.schedule != schedule)
    }

    @Test func `a demand while a request is under way is met by that one`() {
        var (machine, _) = fresh()
        #expect(machine.handle(.demanded, at: Self.start).first == .request(attempt: 1))
        #expect(!machine.handle(.demanded, at: Self.start).contains { if case .request = $0 { true } else { false } })
        let actions = machine.handle(Self.issued(at: Self.start + 1), at: Self.start + 1)
        #expect(!actions.contains { if case .request = $0 { true } else { false } })
        #expect(machine.phase(at: Self.start + 1) == .fresh)
    }

    @Test func `what is mended ends a pause but renews nothing that is fresh`() {
        var (machine, schedule) = fresh()
        #expect(machine.handle(.unblocked, at: Self.start) == [.wait(until: schedule.renewAt)])
        _ = machine.handle(.clock, at: schedule.renewAt)
        _ = machine.handle(.failed(retryAfter: 60_000), at: schedule.renewAt)
        #expect(machine.handle(.unblocked, at: schedule.renewAt + 1).contains(.request(attempt: 2)))
    }

    @Test func `a clock that was set back by years does not stop the retries`() {
        var (machine, schedule) = fresh()
        _ = machine.handle(.clock, at: schedule.renewAt)
        _ = machine.handle(.failed(retryAfter: nil), at: schedule.renewAt)
        let past = Self.start - 100_000_000_000
        _ = machine.handle(.clock, at: past)
        #expect(machine.handle(.clock, at: past + 3_600_000).contains(.request(attempt: 2)))
    }

    @Test func `a failure without a request changes nothing`() {
        var (machine, schedule) = fresh()
        #expect(machine.handle(.failed(retryAfter: nil), at: Self.start) == [.wait(until: schedule.renewAt)])
        #expect(machine.failures == 0)
    }

    @Test func `whatever happens, one request at a time, for a reason, and always a next step`() {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<300 {
            var machine = Machine(jitter: Jitter(seed: random.next()))
            var now = Self.start
            var isOutstanding = false
            for _ in 0..<200 {
                now += Int64.random(in: -50_000...400_000, using: &random)
                let event = Self.anyEvent(isOutstanding, at: now, &random)
                if case .issued = event { isOutstanding = false }
                if case .failed = event { isOutstanding = false }
                let before = machine
                let actions = machine.handle(event, at: now)
                let requests = actions.filter { if case .request = $0 { true } else { false } }
                #expect(requests.count <= 1)
                if !requests.isEmpty {
                    #expect(!isOutstanding)
                    #expect(event == .demanded || event == .unblocked || before.phase(at: now) != .fresh)
                    isOutstanding = true
                }
                let waits = actions.compactMap { if case .wait(let until) = $0 { until } else { Int64?.none } }
                #expect(waits.allSatisfy { $0 > now })
                #expect(!waits.isEmpty || isOutstanding, "nothing would happen any more")
            }
        }
    }

    @Test(arguments: [3600, 86_400, 90 * 86_400] as [Int64])
    func `an authority that is away until just before the end is asked again in time`(lifetime: Int64) {
        for seed in 0..<50 {
            var machine = Machine(jitter: Jitter(seed: UInt64(seed)))
            let validity = IssuedValidity(notBefore: Self.start / 1000, notAfter: Self.start / 1000 + lifetime - 1)
            let jitter = Jitter(seed: UInt64(seed))
            var actions = machine.handle(.issued(validity, rule: .fraction(0.5), jitter: jitter), at: Self.start)
            let back = Self.start + lifetime * 950
            var now = Self.start
            var requests = 0
            while now < back {
                if actions.contains(where: { if case .request = $0 { true } else { false } }) {
                    requests += 1
                    actions = machine.handle(.failed(retryAfter: nil), at: now)
                } else if case .wait(let until)? = actions.last {
                    now = until
                    actions = machine.handle(.clock, at: now)
                }
            }
            #expect(now < Self.start + lifetime * 1000, "expired before it was asked again")
            #expect(requests > 4 && requests < lifetime / 60)
        }
    }

    private static func anyEvent(
        _ isOutstanding: Bool,
        at now: Int64,
        _ random: inout SeededGenerator
    ) -> Machine.Event {
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where isOutstanding: issued(at: now)
        case 1 where isOutstanding, 2 where isOutstanding: .failed(retryAfter: nil)
        case 3 where isOutstanding: .failed(retryAfter: Int64.random(in: -1...10_000_000, using: &random))
        case 4: .demanded
        case 5: .unblocked
        default: .clock
        }
    }

    private static func issued(at now: Int64) -> Machine.Event {
        .issued(
            IssuedValidity(notBefore: now / 1000 - 30, notAfter: now / 1000 + 3599, obtainedAt: now),
            rule: .fraction(0.5),
            jitter: jitter
        )
    }

    private static let schedule = RenewalSchedule(
        IssuedValidity(notBefore: 0, notAfter: 1),
        rule: .fraction(0.5),
        jitter: jitter
    )
}
