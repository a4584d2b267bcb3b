import CountersignTelemetry
import Testing

/// How many of a user's refusals reach the log.
@Suite struct RefusalLogTests {
    @Test func `one of a user and a reason in a while, with the number of those between`() {
        var log = RefusalLog()
        #expect(log.note(1, "no_rule", at: 0) == 0)
        for moment in 1...50 as ClosedRange<Int64> { #expect(log.note(1, "no_rule", at: moment) == nil) }
        #expect(log.note(2, "no_rule", at: 50) == 0 && log.note(1, "process_gone", at: 50) == 0)
        #expect(log.note(1, "no_rule", at: RefusalLog.pause) == 50)
        #expect(log.note(1, "no_rule", at: RefusalLog.pause * 3) == 0)
    }

    @Test func `very many users do not fill it, and are told apart again later`() {
        var log = RefusalLog()
        for user in 0..<UInt32(RefusalLog.maximumKinds) { #expect(log.note(user, "no_rule", at: 0) == 0) }
        #expect(log.note(4_000_000, "no_rule", at: 1) == nil)
        #expect(log.note(4_000_000, "no_rule", at: RefusalLog.pause) == 0)
    }
}
