import CountersignTransport
import Synchronization
import Testing

@testable import CountersignAuthority

@Suite struct IssuanceGateTests {
    @Test func `what is open passes at once`() {
        let (gate, journal) = (IssuanceGate(), Journal())
        gate.pass([.service("web"), .credential("1")]) { journal.note("passed") }
        #expect(journal.notes == ["passed"])
    }

    @Test func `what depends on something closed waits for it, and nothing else does`() {
        let (gate, journal) = (IssuanceGate(), Journal())
        gate.close([.service("web"), .agent("web")])
        for matter in [IssuanceGate.Matter.service("ledger"), .credential("web"), .key([1])] {
            gate.pass([matter]) { journal.note("\(matter)") }
        }
        #expect(journal.notes.count == 3)
        gate.pass([.service("web"), .credential("2")]) { journal.note("by service") }
        gate.pass([.service("ledger"), .agent("web")]) { journal.note("by agent") }
        #expect(journal.notes.count == 3)
        gate.open([.service("web"), .agent("web")])
        #expect(journal.notes.suffix(2) == ["by service", "by agent"])
    }

    @Test func `what two have closed, both open`() {
        let (gate, journal) = (IssuanceGate(), Journal())
        gate.close([.service("web")])
        gate.close([.service("web"), .key([1])])
        gate.pass([.service("web")]) { journal.note("passed") }
        gate.open([.service("web")])
        #expect(journal.notes.isEmpty)
        gate.open([.service("web"), .key([1])])
        #expect(journal.notes == ["passed"])
    }

    @Test func `closing waits for those who are passing`() throws {
        let (gate, journal) = (IssuanceGate(), Journal())
        let (entered, leave, closed) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        try spawn(name: "passes") {
            gate.pass([.service("web"), .credential("1")]) {
                entered.signal()
                leave.wait()
                journal.note("passed")
            }
        }
        entered.wait()
        try spawn(name: "closes") {
            gate.close([.credential("1")])
            journal.note("closed")
            closed.signal()
        }
        // Others are not waited for.
        gate.close([.service("ledger")])
        leave.signal()
        closed.wait()
        #expect(journal.notes == ["passed", "closed"])
    }

    /// However threads interleave: what passed before a change is seen by it, and what passes later sees the change.
    @Test func `no passage falls between the look and the change`() throws {
        let gate = IssuanceGate()
        let recorded = Mutex<(isRevoked: Bool, inForce: Int, wrong: Int)>((false, 0, 0))
        let done = SystemSemaphore()
        let threads = 4
        for thread in 0..<threads {
            try spawn(name: "issues") {
                for _ in 0..<2000 {
                    gate.pass([.service("web"), .credential("\(thread)")]) {
                        guard !recorded.withLock(\.isRevoked) else { return }
                        recorded.withLock { $0.inForce += 1 }
                    }
                }
                done.signal()
            }
        }
        for _ in 0..<200 {
            gate.close([.service("web")])
            let found = recorded.withLock(\.inForce)
            recorded.withLock { $0.isRevoked = true }
            recorded.withLock { $0.wrong += $0.inForce - found }
            recorded.withLock { $0.inForce = 0 }
            recorded.withLock { $0.isRevoked = false }
            gate.open([.service("web")])
        }
        for _ in 0..<threads { done.wait() }
        #expect(recorded.withLock(\.wrong) == 0)
    }
}

/// What happened, in order.
private final class Journal: Sendable {
    private let stored = Mutex<[String]>([])

    var notes: [String] { stored.withLock { $0 } }

    func note(_ text: String) { stored.withLock { $0.append(text) } }
}
