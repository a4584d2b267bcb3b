import Testing

@testable import CountersignAudit

/// How often producers are made, and told of.
@Suite struct ProducerRetriesTests {
    @Test func pausesDoubleUpToAMinute() {
        var retries = ProducerRetries()
        let pauses = (0..<9).map { _ in retries.takePause() / 1_000_000_000 }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func eachCauseIsToldOnce() {
        var retries = ProducerRetries()
        let told = ["fenced", "unknown", "fenced", "unknown", "silent"].map { retries.isNew($0) }
        #expect(told == [true, true, false, false, true])
    }
}
