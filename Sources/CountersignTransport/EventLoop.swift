import CCountersignSystem
import Glibc

/// One thread's epoll loop: readiness, deadlines and work sent from other threads.
///
/// Descriptors are registered once, edge-triggered for both directions; back-pressure is not reading, so that no call
/// changes a registration. Everything but ``mailbox`` belongs to the thread that calls ``run()``.
package final class EventLoop {
    private struct Slot {
        var handler: (any ReadinessHandler)?
        var generation: UInt32 = 0
    }

    /// The loop's number among its siblings, from 0.
    package let index: Int
    /// Sends work to this loop from any thread.
    package let mailbox: Mailbox
    /// What the thread's owner wants to find again in work sent through ``mailbox``.
    package var context: AnyObject?
    /// Told at the end of each turn, before the loop waits.
    package var turnEnd: (any TurnEndHandler)?
    /// Monotonic nanoseconds, read once a turn.
    package private(set) var now: UInt64
    /// Wall-clock nanoseconds since 1970, read once a turn.
    package private(set) var wallClock: Int64

    private let epoll: Int32
    private var slots: [Slot] = []
    private var freeSlots: [Int32] = []
    private var timers: TimerWheel
    private var due: [Int32] = []
    private var again: [HandlerToken] = []
    private var againNow: [HandlerToken] = []
    private var isRunning = true
    private static let mailboxData = UInt64.max
    /// Of how many descriptors a turn hears: what is sent at its end waits for all of them.
    private static let batch = 64

    /// Creates a loop; ``run()`` runs it.
    ///
    /// - Throws: ``SystemError`` when the system has no descriptor left.
    package init(index: Int) throws(SystemError) {
        self.index = index
        self.epoll = countersign_epoll_create()
        guard epoll >= 0 else { throw SystemError(action: "create an epoll instance") }
        self.mailbox = try Mailbox()
        self.now = Self.monotonicNanoseconds()
        self.wallClock = Self.wallClockNanoseconds()
        self.timers = TimerWheel(now: now)
        guard countersign_epoll_add(epoll, mailbox.descriptor, Self.mailboxData) == 0 else {
            throw SystemError(action: "watch the mailbox")
        }
    }

    deinit {
        Glibc.close(epoll)
    }

    /// Runs until ``stop()``; blocks the calling thread.
    package func run() {
        let events = UnsafeMutablePointer<countersign_event>.allocate(capacity: Self.batch)
        defer { unsafe events.deallocate() }
        while isRunning {
            let count = unsafe countersign_epoll_wait(epoll, events, Int32(Self.batch), waitMilliseconds)
            now = Self.monotonicNanoseconds()
            wallClock = Self.wallClockNanoseconds()
            for position in 0..<max(0, Int(count)) {
                unsafe dispatch(events[position])
            }
            runAgain()
            runDue()
            turnEnd?.turnEnded()
        }
    }

    /// Ends ``run()`` after the current turn.
    package func stop() {
        isRunning = false
    }

    /// Watches a connected or connecting descriptor for reading and writing.
    ///
    /// - Returns: the handler's token, or `nil` when the system refuses; the descriptor stays the caller's to close.
    package func add(_ descriptor: Int32, _ handler: any ReadinessHandler) -> HandlerToken? {
        let token = takeSlot(handler)
        guard countersign_epoll_add(epoll, descriptor, token.eventData) == 0 else {
            remove(token)
            return nil
        }
        return token
    }

    /// Watches a listening descriptor; told again each turn while connections wait.
    package func addListener(_ descriptor: Int32, _ handler: any ReadinessHandler) -> HandlerToken? {
        let token = takeSlot(handler)
        guard countersign_epoll_add_listener(epoll, descriptor, token.eventData) == 0 else {
            remove(token)
            return nil
        }
        return token
    }

    /// Watches a listening descriptor again after ``unwatch(_:)``; `false` when the system refuses.
    package func watchListener(_ descriptor: Int32, _ token: HandlerToken) -> Bool {
        isCurrent(token) && countersign_epoll_add_listener(epoll, descriptor, token.eventData) == 0
    }

    /// Gives a handler without a descriptor a place, for deadlines alone.
    package func addTimer(_ handler: any ReadinessHandler) -> HandlerToken {
        takeSlot(handler)
    }

    /// Stops watching a descriptor that stays open; closing one needs no call but ``remove(_:)``.
    package func unwatch(_ descriptor: Int32) {
        _ = countersign_epoll_remove(epoll, descriptor)
    }

    /// Forgets a handler and its deadline; events of it that are already queued are dropped.
    package func remove(_ token: HandlerToken) {
        let slot = Int(token.slot)
        guard slot >= 0, slot < slots.count, slots[slot].generation == token.generation else { return }
        slots[slot].handler = nil
        slots[slot].generation &+= 1
        timers.remove(slot: token.slot)
        freeSlots.append(token.slot)
    }

    /// Sets the handler's one deadline, in nanoseconds of ``now``; `UInt64.max` means never.
    package func setDeadline(_ token: HandlerToken, at deadline: UInt64) {
        guard isCurrent(token) else { return }
        timers.set(slot: token.slot, deadline: deadline)
    }

    /// Calls the handler's ``ReadinessHandler/ready(_:)`` with `.readable` after the other handlers of this turn had theirs.
    ///
    /// For a handler that stops reading although bytes may be left, so that one busy connection does not starve others.
    package func readAgain(_ token: HandlerToken) {
        again.append(token)
    }

    private var waitMilliseconds: Int32 {
        if !again.isEmpty { return 0 }
        return timers.isEmpty ? 1000 : Int32(TimerWheel.tick / 1_000_000)
    }

    private func takeSlot(_ handler: any ReadinessHandler) -> HandlerToken {
        if let slot = freeSlots.popLast() {
            slots[Int(slot)].handler = handler
            return HandlerToken(slot: slot, generation: slots[Int(slot)].generation)
        }
        slots.append(Slot(handler: handler))
        return HandlerToken(slot: Int32(slots.count - 1), generation: 0)
    }

    private func isCurrent(_ token: HandlerToken) -> Bool {
        token.slot >= 0 && Int(token.slot) < slots.count && slots[Int(token.slot)].generation == token.generation
    }

    private func dispatch(_ event: countersign_event) {
        guard event.token != Self.mailboxData else {
            mailbox.drain(into: self)
            return
        }
        let token = HandlerToken(eventData: event.token)
        guard isCurrent(token), let handler = slots[Int(token.slot)].handler else { return }
        handler.ready(Readiness(rawValue: UInt8(truncatingIfNeeded: event.readiness)))
    }

    private func runAgain() {
        guard !again.isEmpty else { return }
        swap(&again, &againNow)
        for token in againNow where isCurrent(token) {
            slots[Int(token.slot)].handler?.ready(.readable)
        }
        againNow.removeAll(keepingCapacity: true)
    }

    private func runDue() {
        timers.advance(to: now, due: &due)
        guard !due.isEmpty else { return }
        // A handler may end others, whose place another may have taken, or give them more time.
        for slot in due where timers.takeDue(slot: slot) { slots[Int(slot)].handler?.deadlinePassed() }
        due.removeAll(keepingCapacity: true)
    }

    /// The monotonic clock at this moment, in the terms of ``now``.
    package static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func wallClockNanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
