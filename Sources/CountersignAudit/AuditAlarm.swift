import CountersignTelemetry
import Logging
import Synchronization

/// Says loudly that events are being lost: when it begins, every ten seconds while it lasts, and when it is over.
final class AuditAlarm: Sendable {
    private struct State {
        var reason: String?
        var lost = 0
        var lastLost: Int64 = 0
        var nextTold: Int64 = 0
    }

    private let sink: String
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - sink: what loses events, for the log.
    ///   - logger: takes the lines.
    init(sink: String, logger: Logger) {
        self.sink = sink
        self.logger = logger
    }

    /// Why events are being lost; nil while they are not.
    var reason: String? { state.withLock { $0.reason } }

    /// One more event was lost.
    func lost(_ reason: @autoclosure () -> String) {
        let now = MonotonicClock.nanoseconds()
        let words = reason()
        let told = state.withLock { state -> Int? in
            state.reason = words
            state.lost += 1
            state.lastLost = now
            guard now >= state.nextTold else { return nil }
            state.nextTold = now + 10_000_000_000
            return state.lost
        }
        guard let told else { return }
        logger.error(
            "AUDIT EVENTS ARE BEING LOST",
            metadata: [
                "sink": .string(sink), "reason": .string(words), "lost": .stringConvertible(told),
            ]
        )
    }

    /// An event was kept.
    ///
    /// It is over when that is so a second after the last loss: where there is little room, small events find some and
    /// large ones do not.
    func kept() {
        let lost = state.withLock { state -> Int? in
            guard state.reason != nil, MonotonicClock.nanoseconds() >= state.lastLost + 1_000_000_000 else {
                return nil
            }
            defer { (state.reason, state.lost) = (nil, 0) }
            return state.lost
        }
        guard let lost else { return }
        logger.notice(
            "audit events are kept again",
            metadata: ["sink": .string(sink), "lost": .stringConvertible(lost)]
        )
    }
}
