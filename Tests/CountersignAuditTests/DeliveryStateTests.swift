import Testing

@testable import CountersignAudit

/// What health says of the way to Kafka.
@Suite struct DeliveryStateTests {
    private static let now: Int64 = 1_774_001_700_000

    private func state(_ change: (inout DeliveryState) -> Void) -> DeliveryState {
        var state = DeliveryState()
        state.isConnected = true
        change(&state)
        return state
    }

    @Test func aConnectedBrokerThatTakesEventsIsNoProblem() {
        #expect(state { _ in }.problem(at: Self.now) == nil)
        #expect(state { $0.oldest = Self.now - DeliveryState.patience }.problem(at: Self.now) == nil)
        #expect(state { $0.oldest = Self.now + 5000 }.problem(at: Self.now) == nil)
    }

    @Test func whatKeepsEventsFromKafkaIsOne() {
        #expect(DeliveryState().problem(at: Self.now)?.contains("no broker of Kafka is connected") == true)
        let refused = state { $0.refusal = "Topic authorization failed" }
        #expect(refused.problem(at: Self.now)?.contains("Topic authorization failed") == true)
        #expect(state { $0.readFault = "cannot read it" }.problem(at: Self.now) == "cannot read it")
        let late = state { $0.oldest = Self.now - DeliveryState.patience - 1 }
        #expect(late.problem(at: Self.now) == "events wait for Kafka for more than 60 s")
        #expect(state { $0.silence = DeliveryState.longestSilence }.problem(at: Self.now) == nil)
        let silent = state { $0.silence = DeliveryState.longestSilence + 1 }
        #expect(silent.problem(at: Self.now) == "Kafka has neither taken nor refused an event for 10 s")
    }

    @Test func theAgeIsThatOfTheOldestEvent() {
        #expect(state { _ in }.age(at: Self.now) == 0)
        #expect(state { $0.oldest = Self.now - 1500 }.age(at: Self.now) == 1500)
        #expect(state { $0.oldest = Self.now + 1500 }.age(at: Self.now) == 0)
        #expect(state { $0.oldest = .min }.age(at: Self.now) == .max)
    }
}
