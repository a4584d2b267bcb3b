import CountersignIssuance
import CountersignTesting
import Testing

@Suite struct RenewalScheduleTests {
    private static let hour = IssuedValidity(notBefore: 1_000_000, notAfter: 1_003_599)
    private static let noJitter = Jitter(seed: 0)

    @Test(
        arguments: [
            (RenewalRule.fraction(0.5), 1_800_000), (.fraction(2.0 / 3), 2_400_000), (.before(seconds: 600), 3_000_000),
            (.fraction(1), 3_600_000), (.before(seconds: 0), 3_600_000),
        ] as [(RenewalRule, Int64)]
    )
    func `is due as the rule says`(rule: RenewalRule, afterStart: Int64) {
        let schedule = RenewalSchedule(Self.hour, rule: rule, jitter: Self.noJitter)
        #expect(abs(schedule.due - 1_000_000_000 - afterStart) <= 1)
        #expect(schedule.renewAt <= schedule.due && schedule.due - schedule.renewAt <= afterStart / 10)
    }

    @Test(arguments: [
        RenewalRule.before(seconds: 14 * 86400), .fraction(0), .fraction(-1), .fraction(.nan), .before(seconds: .max),
    ])
    func `a rule that would be true at once waits for a twentieth of the lifetime`(rule: RenewalRule) {
        let schedule = RenewalSchedule(Self.hour, rule: rule, jitter: Self.noJitter)
        #expect(schedule.due == 1_000_000_000 + 180_000)
    }

    @Test func `a backdated certificate of seconds counts from when it was received`() {
        let validity = IssuedValidity(notBefore: 970, notAfter: 1009, obtainedAt: 1_000_000)
        let schedule = RenewalSchedule(validity, rule: .fraction(0.5), jitter: Self.noJitter)
        #expect(schedule.due == 1_005_000)
        let unknown = IssuedValidity(notBefore: 970, notAfter: 1009)
        #expect(RenewalSchedule(unknown, rule: .fraction(0.5), jitter: Self.noJitter).due == 990_000)
    }

    @Test func `is alarming when a fifth is left, but never before a renewal could have come`() {
        let early = RenewalSchedule(Self.hour, rule: .fraction(0.5), jitter: Self.noJitter)
        #expect(early.endangeredAt == 1_000_000_000 + 2_880_000)
        let late = RenewalSchedule(Self.hour, rule: .fraction(0.9), jitter: Self.noJitter)
        #expect(late.endangeredAt == 1_000_000_000 + 3_420_000)
    }

    @Test func `ends with the last second of validity`() {
        let schedule = RenewalSchedule(Self.hour, rule: .fraction(0.5), jitter: Self.noJitter)
        #expect(!schedule.isExpired(at: 1_003_599_999) && schedule.isExpired(at: 1_003_600_000))
    }

    @Test func `moments are ordered whatever certificate, rule and reserve`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let schedule = Self.anySchedule(&random)
            #expect(schedule.renewAt <= schedule.due && schedule.due <= schedule.endangeredAt)
            #expect(schedule.endangeredAt <= schedule.end)
        }
    }

    @Test func `next moments come in order and end`() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<500 {
            let schedule = Self.anySchedule(&random)
            var now = schedule.renewAt - 1
            var steps = 0
            while let next = schedule.nextMoment(after: now) {
                #expect(next > now)
                now = next
                steps += 1
            }
            #expect(steps <= 3 && now == schedule.end)
        }
    }

    @Test func `a fleet spreads over the tenth before the due time`() {
        var counts = [Int](repeating: 0, count: 10)
        for host in 0..<5000 {
            let jitter = Jitter(naming: "host-\(host)", "user-svc", "0a1b")
            let schedule = RenewalSchedule(Self.hour, rule: .fraction(0.5), jitter: jitter)
            counts[min(Int((schedule.due - schedule.renewAt) / 18_000), 9)] += 1
        }
        // 500 each on average; a seed that clusters would be far outside.
        #expect(counts.allSatisfy { (350...650).contains($0) }, "\(counts)")
    }

    @Test func `the same names give the same jitter, other names another`() {
        #expect(Jitter(naming: "a", "b").fraction(3) == Jitter(naming: "a", "b").fraction(3))
        #expect(Jitter(naming: "a", "b").seed != Jitter(naming: "ab").seed)
        #expect(Jitter(naming: "ab", "c").seed != Jitter(naming: "a", "bc").seed)
    }

    private static func anySchedule(_ random: inout SeededGenerator) -> RenewalSchedule {
        let notBefore = Int64.random(in: -1_000_000...5_000_000_000, using: &random)
        let notAfter = notBefore + Int64.random(in: -10...400_000_000, using: &random)
        let obtained = Bool.random(using: &random) ? Int64.random(in: 0...5_000_000_000_000, using: &random) : nil
        let rules = [
            RenewalRule.fraction(Double.random(in: -0.5...1.5, using: &random)),
            .before(seconds: Int64.random(in: -10...100_000_000, using: &random)),
        ]
        return RenewalSchedule(
            IssuedValidity(notBefore: notBefore, notAfter: notAfter, obtainedAt: obtained),
            rule: rules[Int.random(in: 0...1, using: &random)],
            jitter: Jitter(seed: random.next()),
            reserve: Double.random(in: -0.5...1.5, using: &random)
        )
    }
}
