import CountersignTesting
import CountersignTransport
import Testing

@Suite struct TimerWheelTests {
    private let second: UInt64 = 1_000_000_000

    private func due(_ wheel: inout TimerWheel, at now: UInt64) -> [Int32] {
        var slots: [Int32] = []
        wheel.advance(to: now, due: &slots)
        return slots.sorted()
    }

    @Test func `a deadline fires once, not before its time`() {
        var wheel = TimerWheel(now: 0)
        wheel.set(slot: 3, deadline: second)
        #expect(due(&wheel, at: second - TimerWheel.tick) == [])
        #expect(due(&wheel, at: second + 2 * TimerWheel.tick) == [3])
        #expect(due(&wheel, at: 10 * second) == [])
        #expect(wheel.isEmpty)
    }

    @Test func `a deadline moved later does not fire at its old time`() {
        var wheel = TimerWheel(now: 0)
        wheel.set(slot: 0, deadline: second)
        wheel.set(slot: 0, deadline: 3 * second)
        #expect(due(&wheel, at: 2 * second) == [])
        #expect(due(&wheel, at: 3 * second + 2 * TimerWheel.tick) == [0])
    }

    @Test func `a deadline moved earlier fires at its new time`() {
        var wheel = TimerWheel(now: 0)
        wheel.set(slot: 0, deadline: 30 * second)
        wheel.set(slot: 0, deadline: second)
        #expect(due(&wheel, at: second + 2 * TimerWheel.tick) == [0])
    }

    @Test func `never means never, and removal forgets`() {
        var wheel = TimerWheel(now: 0)
        wheel.set(slot: 0, deadline: second)
        wheel.set(slot: 0, deadline: .max)
        wheel.set(slot: 1, deadline: second)
        wheel.remove(slot: 1)
        #expect(due(&wheel, at: 100 * second) == [])
    }

    @Test func `a deadline beyond one turn of the wheel waits for its turn`() {
        var wheel = TimerWheel(now: 0)
        wheel.set(slot: 7, deadline: 3600 * second)
        var fired: [Int32] = []
        for now in stride(from: second, through: 3599 * second, by: Int(second)) { fired += due(&wheel, at: now) }
        #expect(fired == [])
        #expect(due(&wheel, at: 3601 * second) == [7])
    }

    @Test func `random deadlines fire in order and all of them`() {
        var generator = SeededGenerator(seed: 42)
        var wheel = TimerWheel(now: 0)
        var deadlines: [Int32: UInt64] = [:]
        for slot in Int32(0)..<500 {
            let deadline = UInt64.random(in: 1...(120 * second), using: &generator)
            deadlines[slot] = deadline
            wheel.set(slot: slot, deadline: deadline)
        }
        var now: UInt64 = 0
        while !deadlines.isEmpty, now < 200 * second {
            now += UInt64.random(in: 1...(second / 2), using: &generator)
            for slot in due(&wheel, at: now) {
                let deadline = deadlines.removeValue(forKey: slot)
                #expect(deadline.map { $0 <= now } == true)
            }
            for (slot, deadline) in deadlines where deadline + 2 * TimerWheel.tick < now {
                Issue.record("slot \(slot) is late")
            }
        }
        #expect(deadlines.isEmpty)
    }
}
