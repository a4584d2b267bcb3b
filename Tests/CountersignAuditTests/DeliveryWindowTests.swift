import CountersignAuthentication
import CountersignSpool
import Testing

@testable import CountersignAudit

/// Events between spool and broker.
@Suite struct DeliveryWindowTests {
    private func message(_ text: String) -> AuditMessage? {
        AuditMessage(payload: [1] + [UInt8](repeating: 0, count: 10) + Array(text.utf8))
    }

    private func end(_ offset: Int) -> SpoolPosition { SpoolPosition(segment: 1, offset: offset) }

    private func window(_ count: Int) -> DeliveryWindow {
        var window = DeliveryWindow()
        for number in 1...count { window.add(message("event \(number)"), end: end(number * 10)) }
        return window
    }

    /// Hands all that waits over, in turn.
    private func sendAll(_ window: inout DeliveryWindow) -> [UInt64] {
        var numbers: [UInt64] = []
        while let next = window.next() {
            window.sent(next.number)
            numbers.append(next.number)
        }
        return numbers
    }

    @Test func theSpoolHearsOfEventsUpToTheFirstThatIsNotConfirmed() {
        var window = window(4)
        #expect(sendAll(&window) == [0, 1, 2, 3])
        window.finished(1)
        window.finished(2)
        #expect(window.takeFinished() == nil)
        window.finished(0)
        let done = window.takeFinished()
        #expect(done?.end == end(30) && done?.count == 3 && window.count == 1)
        window.finished(3)
        #expect(window.takeFinished()?.end == end(40) && window.count == 0 && window.bytes == 0)
    }

    @Test func whatFailedIsSentAgainAndNothingElse() {
        var window = window(3)
        _ = sendAll(&window)
        window.failed(1)
        #expect(sendAll(&window) == [1])
        window.finished(0)
        window.finished(2)
        window.failed(2)
        #expect(sendAll(&window) == [])
        #expect(window.takeFinished()?.count == 1)
    }

    @Test func anotherProducerGetsWhatIsNotConfirmed() {
        var window = window(3)
        _ = sendAll(&window)
        window.finished(1)
        window.sendAllAgain()
        #expect(sendAll(&window) == [0, 2])
        // A report that comes twice changes nothing.
        #expect(window.finished(1) == nil)
        #expect(window.finished(0) != nil && window.finished(0) == nil)
        #expect(window.finished(99) == nil)
    }

    @Test func numbersAreNeverUsedTwice() {
        var window = window(2)
        _ = sendAll(&window)
        window.finished(0)
        window.finished(1)
        #expect(window.takeFinished()?.count == 2)
        window.add(message("more"), end: end(50))
        #expect(sendAll(&window) == [2])
    }

    @Test func whatCannotBeReadIsPassedOver() {
        var window = DeliveryWindow()
        window.add(nil, end: end(10))
        window.add(message("event"), end: end(20))
        #expect(window.takeFinished()?.end == end(10))
        #expect(sendAll(&window) == [1])
    }

    @Test func damagedPlacesAreNotCountedAsRecords() {
        var window = DeliveryWindow()
        window.add(nil, end: end(10), isWhole: false)
        window.add(nil, end: end(20))
        window.add(nil, end: end(30), isWhole: false)
        let done = window.takeFinished()
        #expect(done?.end == end(30) && done?.count == 1)
    }

    @Test func theOldestIsTheFirstThatIsNotFinished() {
        var window = DeliveryWindow()
        #expect(window.oldest == nil)
        for time: UInt8 in [5, 7] {
            let payload = [1, 0, 0, 0, 0, 0, 0, 0, time, 0, 0] + Array("event".utf8)
            window.add(AuditMessage(payload: payload), end: end(Int(time)))
        }
        _ = sendAll(&window)
        #expect(window.oldest == 5)
        window.finished(0)
        #expect(window.oldest == 7)
        window.finished(1)
        #expect(window.oldest == nil)
    }
}
