import CountersignTelemetry
import Synchronization

/// Leave to write a line, given once a second.
final class LogTurn: Sendable {
    private let next = Mutex(Int64.min)

    /// Whether a line may be written now.
    func take() -> Bool {
        let now = Int64(MonotonicClock.nanoseconds())
        return next.withLock { next in
            guard now >= next else { return false }
            next = now + 1_000_000_000
            return true
        }
    }
}
