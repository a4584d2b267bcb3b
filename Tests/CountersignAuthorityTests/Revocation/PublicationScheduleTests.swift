import Testing

@testable import CountersignAuthority

@Suite struct PublicationScheduleTests {
    private func published(at now: Int64, interval: Int64 = 3_600) -> PublicationSchedule {
        var schedule = PublicationSchedule(interval: interval)
        schedule.begin()
        schedule.published(at: now)
        return schedule
    }

    @Test func `the first list is signed at once`() {
        #expect(PublicationSchedule(interval: 3_600).step(at: 1_000) == .publish)
    }

    @Test func `a list is signed each interval and not before`() {
        let schedule = published(at: 10_000)
        #expect(schedule.step(at: 10_000) == .wait(seconds: 60))
        #expect(schedule.step(at: 13_599) == .wait(seconds: 1))
        #expect(schedule.step(at: 13_600) == .publish)
        #expect(schedule.step(at: 20_000) == .publish)
    }

    @Test func `what is asked for is signed at once, and once`() {
        var schedule = published(at: 10_000)
        schedule.request()
        #expect(schedule.step(at: 10_001) == .publish)
        schedule.begin()
        schedule.published(at: 10_001)
        #expect(schedule.step(at: 10_002) == .wait(seconds: 60))
    }

    @Test func `what is asked for while a list is being signed is on the next one`() {
        var schedule = published(at: 10_000)
        schedule.request()
        schedule.begin()
        schedule.request()
        schedule.published(at: 10_001)
        #expect(schedule.step(at: 10_001) == .publish)
    }

    @Test func `a clock that was set back makes a new list`() {
        #expect(published(at: 10_000).step(at: 9_999) == .publish)
    }

    @Test func `the end goes before everything`() {
        var schedule = published(at: 10_000)
        schedule.request()
        schedule.stop()
        #expect(schedule.step(at: 10_000) == .stop)
        #expect(schedule.step(at: 99_999) == .stop)
    }
}
