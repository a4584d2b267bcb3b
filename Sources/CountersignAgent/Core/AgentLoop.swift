import CountersignTransport
import Synchronization

/// Gives an agent its events, one after the other, and wakes it when its time has come.
package final class AgentLoop: Sendable {
    private struct Inbox {
        var events: [AgentEvent] = []
        var isStopped = false
    }

    private let inbox = Mutex(Inbox())
    private let semaphore = SystemSemaphore()
    private let clock: @Sendable () -> Int64

    /// The longest wait, in milliseconds: after that long the agent looks at the clock even if it seems to have stood.
    private static let longestWait: Int64 = 3_600_000

    /// - Parameter clock: the time in Unix milliseconds.
    package init(clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
    }

    /// Delivers an event, from any thread.
    package func post(_ event: AgentEvent) {
        inbox.withLock { $0.events.append(event) }
        semaphore.signal()
    }

    /// Has ``run(_:)`` return after the event in hand.
    package func stop() {
        inbox.withLock { $0.isStopped = true }
        semaphore.signal()
    }

    /// Runs an agent on this thread until ``stop()``.
    package func run(_ core: AgentCore) {
        core.handle(.clock)
        while true {
            let wait = min(max(core.wakeAt, 0) - clock(), Self.longestWait)
            // The deadline is one of the wall clock: when that is set forward, it comes earlier.
            if wait > 0 { _ = semaphore.wait(upTo: .milliseconds(wait)) }
            let (events, isStopped) = inbox.withLock { inbox in
                defer { inbox.events = [] }
                return (inbox.events, inbox.isStopped)
            }
            if isStopped { return }
            if events.isEmpty { core.handle(.clock) }
            for event in events { core.handle(event) }
        }
    }
}
