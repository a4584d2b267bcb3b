import CountersignTelemetry
import Logging
import Synchronization

/// One change of what is revoked on its way through all workers; the last of them records how it went.
final class RevocationCut: Sendable {
    /// What made connections end.
    enum Cause: String, Sendable {
        case feed
        case list
    }

    private let cause: Cause
    private let startedAt: Int64
    private let metrics: RevocationMetrics
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - workers: how many times ``finish(closed:shard:)`` will be called.
    ///   - elapsed: how long ago it began, in nanoseconds.
    init(_ cause: Cause, workers: Int, elapsed: Int64, metrics: RevocationMetrics, logger: Logger) {
        self.cause = cause
        self.startedAt = MonotonicClock.nanoseconds() - elapsed
        self.metrics = metrics
        self.logger = logger
        self.state = Mutex(State(waiting: workers))
    }

    /// Called by each worker once it has closed what it had to close.
    ///
    /// - Parameters:
    ///   - closed: how many connections those were.
    ///   - shard: the worker's index.
    func finish(closed: Int, shard: Int) {
        let now = MonotonicClock.nanoseconds()
        let finished = state.withLock { state -> State? in
            state.waiting -= 1
            state.closed += closed
            if closed > 0 { state.lastClose = max(state.lastClose, now) }
            return state.waiting == 0 ? state : nil
        }
        guard let finished, finished.closed > 0 else { return }
        let duration = finished.lastClose - startedAt
        metrics.cutDuration.observe(nanoseconds: duration, shard: shard)
        logger.notice(
            "connections of revoked certificates closed",
            metadata: [
                "connections": .stringConvertible(finished.closed),
                "source": .string(cause.rawValue),
                "microseconds": .stringConvertible(duration / 1000),
            ]
        )
    }

    private struct State: Sendable {
        var waiting: Int
        var closed = 0
        var lastClose: Int64 = 0
    }
}
