import CountersignTokens
import Testing

/// When an issuer is asked for its keys.
@Suite struct KeySetScheduleTests {
    @Test func itIsAskedAtOnceAndThenEverySoOften() {
        var schedule = KeySetSchedule(refreshSeconds: 300)
        #expect(schedule.isDue(at: 1000, unknownKeys: 0))
        schedule.asked(at: 1000, unknownKeys: 0, isGood: true)
        #expect(!schedule.isDue(at: 1299, unknownKeys: 0) && schedule.isDue(at: 1300, unknownKeys: 0))
    }

    @Test func theLongestPauseThereIsIsOne() {
        var schedule = KeySetSchedule(refreshSeconds: .max)
        schedule.asked(at: 1000, unknownKeys: 0, isGood: true)
        #expect(!schedule.isDue(at: .max - 1, unknownKeys: 0) && schedule.isDue(at: 1005, unknownKeys: 1))
        schedule.asked(at: 1005, unknownKeys: 1, isGood: false)
        #expect(schedule.isDue(at: 1006, unknownKeys: 1))
    }

    @Test func anUnknownKeyIsAReasonOnceAndNotTooOften() {
        var schedule = KeySetSchedule(refreshSeconds: 300)
        schedule.asked(at: 1000, unknownKeys: 0, isGood: true)
        #expect(!schedule.isDue(at: 1004, unknownKeys: 1) && schedule.isDue(at: 1005, unknownKeys: 1))
        schedule.asked(at: 1005, unknownKeys: 1, isGood: true)
        #expect(!schedule.isDue(at: 1200, unknownKeys: 1))
        #expect(schedule.isDue(at: 1200, unknownKeys: 2))
    }

    @Test func anotherConfigurationCountsAnew() {
        var schedule = KeySetSchedule(refreshSeconds: 300)
        schedule.asked(at: 1000, unknownKeys: 7, isGood: true)
        #expect(!schedule.isDue(at: 1100, unknownKeys: 0) && schedule.isDue(at: 1100, unknownKeys: 1))
    }

    @Test func failuresAreTriedAgainSoonerAndLessAndLess() {
        var schedule = KeySetSchedule(refreshSeconds: 300)
        var now: Int64 = 1000
        var pauses: [Int64] = []
        for _ in 0..<8 {
            schedule.asked(at: now, unknownKeys: 0, isGood: false)
            let next = (now...now + 100).first { schedule.isDue(at: $0, unknownKeys: 0) } ?? 0
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
        schedule.asked(at: now, unknownKeys: 0, isGood: true)
        #expect(!schedule.isDue(at: now + 60, unknownKeys: 0))
        var short = KeySetSchedule(refreshSeconds: 10)
        for moment: Int64 in 0..<10 { short.asked(at: moment, unknownKeys: 0, isGood: false) }
        #expect(short.isDue(at: 19, unknownKeys: 0))
    }
}
