package import CountersignIssuance
import CountersignPKI
import Synchronization

/// The revoked certificates in memory, and those who want to hear of each change.
///
/// It holds what the store has made durable, and nothing else: an event is entered after its transaction.
package final class RevocationBook: Sendable {
    /// Hears of events, and when the call that made them came: nanoseconds of ``AuthorityClock/monotonic``, where known.
    package typealias Listener = @Sendable (_ events: [RevocationEvent], _ askedAt: UInt64?) -> Void

    private struct State {
        var entries: [String: RevocationEvent] = [:]
        var recent: [RevocationEvent] = []
        var sequence: Int64 = 0
        var listeners: [Int: Listener] = [:]
        var nextListener = 0
    }

    private let state = Mutex(State())

    /// Identifies this run of the numbering; it changes when a store was restored and sequences may repeat.
    package let epoch: String

    /// Begins with what the store holds.
    ///
    /// - Parameters:
    ///   - epoch: identifies this run of the numbering.
    ///   - entries: the revocations in force.
    ///   - sequence: the newest event's; 0 when there never was one.
    package init(epoch: String, entries: [RevocationEvent], sequence: Int64) {
        self.epoch = epoch
        state.withLock { state in
            for entry in entries { state.entries[entry.serial] = entry }
            state.sequence = sequence
        }
    }

    /// The revocation in force of a certificate.
    package func entry(serial: String) -> RevocationEvent? {
        state.withLock { $0.entries[serial] }
    }

    /// How many revocations are in force.
    package var count: Int { state.withLock { $0.entries.count } }

    /// The newest event's sequence; it changes whenever somebody is revoked, held or released.
    package var sequence: Int64 { state.withLock { $0.sequence } }

    /// Everything in force, and the sequence that it is as of.
    package func snapshot() -> (entries: [RevocationEvent], sequence: Int64) {
        state.withLock { (Array($0.entries.values), $0.sequence) }
    }

    /// The events after a position, oldest first; nil when they are not all remembered, so that a snapshot is needed.
    package func events(after sequence: Int64) -> [RevocationEvent]? {
        state.withLock { state in
            if sequence == state.sequence { return [] }
            guard sequence < state.sequence, let first = state.recent.first, first.sequence <= sequence + 1 else {
                return nil
            }
            return state.recent.filter { $0.sequence > sequence }
        }
    }

    /// Enters events that have become durable, and tells everybody who listens.
    ///
    /// Listeners are told as well when the call came, `askedAt`, in nanoseconds of ``AuthorityClock/monotonic``.
    package func enter(_ events: [RevocationEvent], askedAt: UInt64? = nil) {
        guard !events.isEmpty else { return }
        let listeners = state.withLock { state in
            for event in events {
                if event.reason == .removeFromCRL {
                    state.entries[event.serial] = nil
                } else {
                    state.entries[event.serial] = event
                }
                state.sequence = max(state.sequence, event.sequence)
            }
            state.recent += events
            if state.recent.count > 2 * Self.remembered {
                state.recent.removeFirst(state.recent.count - Self.remembered)
            }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener(events, askedAt) }
    }

    /// Forgets revocations of certificates that ended before `time`, in Unix seconds; lists need not name them.
    package func forget(endedBefore time: Int64) {
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.notAfter >= time }
        }
    }

    /// Has `listener` called with every later change, on the thread that makes it; it must not block.
    ///
    /// - Returns: what ``remove(listener:)`` takes.
    package func add(listener: @escaping Listener) -> Int {
        state.withLock { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = listener
            return state.nextListener
        }
    }

    /// Ends what ``add(listener:)`` began.
    package func remove(listener: Int) {
        state.withLock { $0.listeners[listener] = nil }
    }

    private static let remembered = 10_000
}
