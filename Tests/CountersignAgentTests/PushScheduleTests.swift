import CountersignAgent
import Testing

/// When streams are told of a change.
@Suite struct PushScheduleTests {
    private var random = SystemRandomNumberGenerator()

    @Test mutating func eachIsToldOnceWithinItsTime() {
        var schedule = PushSchedule()
        schedule.add(Array(1...100), now: 1_000, using: &random)
        var told: [UInt64] = []
        while let next = schedule.next {
            #expect((1_000...1_200).contains(next))
            told += schedule.take(now: next)
        }
        #expect(told.sorted() == Array(1...100))
    }

    @Test mutating func manyAreSpreadOverASecondAtMost() {
        var schedule = PushSchedule()
        schedule.add(Array(1...4_000), now: 0, using: &random)
        #expect(schedule.take(now: 100).count < 1_000)
        #expect(schedule.take(now: 900).count > 2_000)
        _ = schedule.take(now: 1_000)
        #expect(schedule.next == nil)
    }

    @Test mutating func changeWhileTheyWaitPutsNobodyOff() {
        var schedule = PushSchedule()
        schedule.add([1], now: 0, using: &random)
        schedule.add([1], now: 500, using: &random)
        #expect(schedule.take(now: 10) == [1] && schedule.next == nil)
    }
}
