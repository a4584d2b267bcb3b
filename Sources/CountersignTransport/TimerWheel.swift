/// Deadlines of many handlers, one each, on a hashed wheel of coarse ticks.
///
/// Moving a deadline later, which every request does, is one store: the entry stays in its bucket and is put off when
/// the bucket comes up. Deadlines fire up to one tick late and never early. Slots are the indices that the event loop
/// gives its handlers.
package struct TimerWheel {
    /// Nanoseconds that one bucket stands for.
    package static let tick: UInt64 = 20_000_000
    private static let bucketCount = 1024
    private static let none: Int32 = -1

    private struct Entry {
        var deadline: UInt64 = .max
        var bucket: Int32 = TimerWheel.none
        var scheduledTick: UInt64 = 0
        /// The deadline has passed, and nothing was said about it since.
        var isDue = false
        var next: Int32 = TimerWheel.none
        var previous: Int32 = TimerWheel.none
    }

    private var entries: [Entry] = []
    private var buckets: [Int32]
    private var currentTick: UInt64
    private var scheduled = 0

    /// Creates an empty wheel that has fired everything up to `now`, in nanoseconds of a monotonic clock.
    package init(now: UInt64) {
        self.buckets = Array(repeating: Self.none, count: Self.bucketCount)
        self.currentTick = now / Self.tick
    }

    package var isEmpty: Bool { scheduled == 0 }

    /// Sets the deadline of `slot`; `UInt64.max` means never.
    package mutating func set(slot: Int32, deadline: UInt64) {
        let index = Int(slot)
        while entries.count <= index { entries.append(Entry()) }
        entries[index].deadline = deadline
        entries[index].isDue = false
        guard deadline != .max else { return }
        let tick = max(deadline / Self.tick + 1, currentTick + 1)
        if entries[index].bucket == Self.none {
            link(slot, tick: tick)
        } else if tick < entries[index].scheduledTick {
            unlink(slot)
            link(slot, tick: tick)
        }
    }

    /// Forgets `slot`.
    package mutating func remove(slot: Int32) {
        let index = Int(slot)
        guard index < entries.count else { return }
        entries[index].deadline = .max
        entries[index].isDue = false
        unlink(slot)
    }

    /// Whether a slot that ``advance(to:due:)`` gave is still due, which it is once: not after its deadline was set anew
    /// or it was removed.
    package mutating func takeDue(slot: Int32) -> Bool {
        let index = Int(slot)
        guard index < entries.count, entries[index].isDue else { return false }
        entries[index].isDue = false
        return true
    }

    /// Appends every slot whose deadline has passed at `now` to `due` and forgets their deadlines.
    package mutating func advance(to now: UInt64, due: inout [Int32]) {
        let target = now / Self.tick
        guard target > currentTick else { return }
        let steps = min(target - currentTick, UInt64(Self.bucketCount))
        let first = target - steps + 1
        currentTick = target
        for tick in first...target where scheduled > 0 {
            fire(bucket: Int(tick % UInt64(Self.bucketCount)), now: now, due: &due)
        }
    }

    private mutating func fire(bucket: Int, now: UInt64, due: inout [Int32]) {
        var slot = buckets[bucket]
        while slot != Self.none {
            let entry = entries[Int(slot)]
            if entry.scheduledTick <= currentTick {
                unlink(slot)
                if entry.deadline <= now {
                    entries[Int(slot)].deadline = .max
                    entries[Int(slot)].isDue = true
                    due.append(slot)
                } else if entry.deadline != .max {
                    link(slot, tick: entry.deadline / Self.tick + 1)
                }
            }
            slot = entry.next
        }
    }

    private mutating func link(_ slot: Int32, tick: UInt64) {
        let index = Int(slot)
        let bucket = Int(tick % UInt64(Self.bucketCount))
        entries[index].scheduledTick = tick
        entries[index].bucket = Int32(bucket)
        entries[index].previous = Self.none
        entries[index].next = buckets[bucket]
        if buckets[bucket] != Self.none { entries[Int(buckets[bucket])].previous = slot }
        buckets[bucket] = slot
        scheduled += 1
    }

    private mutating func unlink(_ slot: Int32) {
        let entry = entries[Int(slot)]
        guard entry.bucket != Self.none else { return }
        if entry.previous != Self.none {
            entries[Int(entry.previous)].next = entry.next
        } else {
            buckets[Int(entry.bucket)] = entry.next
        }
        if entry.next != Self.none { entries[Int(entry.next)].previous = entry.previous }
        entries[Int(slot)].bucket = Self.none
        entries[Int(slot)].next = Self.none
        entries[Int(slot)].previous = Self.none
        scheduled -= 1
    }
}
