import CountersignTelemetry
import Testing

@testable import CountersignRouter

@Suite struct CallerRefusalsTests {
    @Test func `many strangers leave users of rules their place in the log`() {
        let refusals = CallerRefusals()
        for user in 0..<UInt32(RefusalLog.maximumKinds) {
            #expect(refusals.note(user, isStranger: true, "caller_unknown") == 0)
        }
        #expect(refusals.note(4_000_000, isStranger: true, "caller_unknown") == nil)
        #expect(refusals.note(4_000_000, isStranger: false, "too_many_connections") == 0)
        #expect(refusals.note(4_000_000, isStranger: false, "too_many_connections") == nil)
    }
}
