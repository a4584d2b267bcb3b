import Testing

@testable import CountersignAudit

/// When the library's producer is given up for another one.
@Suite struct ProducerWatchTests {
    private static let second: Int64 = 1_000_000_000

    private func up(epoch: Int64) -> KafkaStatistics {
        KafkaStatistics(isConnected: true, producer: KafkaStatistics.Producer(id: 1, epoch: epoch))
    }

    /// A producer with events, with a broker that is connected since second 0.
    private func watch(events: Int) -> ProducerWatch {
        var watch = ProducerWatch()
        watch.saw(up(epoch: 0), at: 0)
        for _ in 0..<events { watch.handedOver(at: 0) }
        return watch
    }

    @Test func aProducerThatBrokersKeepOnNotKnowingIsGivenUp() {
        var watch = watch(events: 2)
        for time in 1...2 {
            watch.saw(up(epoch: Int64(time)), at: Int64(time) * Self.second)
            #expect(watch.fault(at: Int64(time) * Self.second) == nil)
        }
        // Another broker knows it.
        watch.answered(isDelivered: true, at: 2 * Self.second)
        watch.saw(up(epoch: 9), at: 3 * Self.second)
        #expect(watch.fault(at: 3 * Self.second) == .unknown)
        watch.startOver(after: .unknown)
        #expect(watch.fault(at: 3 * Self.second) == nil)
    }

    @Test func anEpochNowAndThenIsNoFault() {
        var watch = watch(events: 1)
        for time in 1...9 {
            watch.saw(up(epoch: Int64(time)), at: Int64(time) * 11 * Self.second)
            watch.handedOver(at: Int64(time) * 11 * Self.second)
            watch.answered(isDelivered: true, at: Int64(time) * 11 * Self.second)
            #expect(watch.fault(at: Int64(time) * 11 * Self.second) == nil)
        }
    }

    @Test(arguments: [true, false])
    func whatIsAnsweredIsNoFault(_ isDelivered: Bool) {
        var watch = watch(events: 1)
        for time in 1...9 {
            watch.saw(up(epoch: Int64(time)), at: Int64(time) * Self.second)
            watch.answered(isDelivered: isDelivered, at: Int64(time) * Self.second)
            #expect(watch.fault(at: Int64(time) * Self.second) == nil)
            watch.handedOver(at: Int64(time) * Self.second)
        }
    }

    @Test func aSilentProducerIsGivenUpLaterEachTime() {
        var watch = watch(events: 1)
        #expect(watch.silence(at: 89 * Self.second) == 89 * Self.second)
        #expect(watch.fault(at: 89 * Self.second) == nil)
        #expect(watch.fault(at: 90 * Self.second) == .silent)
        watch.startOver(after: .silent)
        watch.saw(up(epoch: 0), at: 0)
        watch.handedOver(at: 0)
        #expect(watch.fault(at: 179 * Self.second) == nil)
        #expect(watch.fault(at: 180 * Self.second) == .silent)
        watch.answered(isDelivered: true, at: 0)
        watch.handedOver(at: 0)
        #expect(watch.fault(at: 90 * Self.second) == .silent)
    }

    @Test func nothingIsExpectedWithoutEventsOrBrokers() {
        var watch = watch(events: 0)
        #expect(watch.silence(at: 1000 * Self.second) == 0)
        watch.handedOver(at: 1000 * Self.second)
        let down = KafkaStatistics(isConnected: false, producer: nil)
        watch.saw(down, at: 1001 * Self.second)
        #expect(watch.silence(at: 2000 * Self.second) == 0)
        watch.saw(up(epoch: 0), at: 2000 * Self.second)
        #expect(watch.silence(at: 2001 * Self.second) == Self.second)
        watch.answered(isDelivered: true, at: 2002 * Self.second)
        #expect(watch.fault(at: 9000 * Self.second) == nil)
    }
}
