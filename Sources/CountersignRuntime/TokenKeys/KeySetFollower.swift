import CountersignTelemetry
import CountersignTokens
import CountersignTransport
import Logging
import Synchronization

/// Keeps the file of a key set what its issuer publishes, on a thread of its own.
///
/// The issuer is asked at the start, every so often, and soon after a token has named a key that is not there, though never
/// more than once in five seconds: whoever makes up names of keys makes nobody ask more often. Only the file changes; it is
/// taken up as with any other change of a file.
final class KeySetFollower: Sendable {
    private let stopped = Completion()
    private let unknown: Mutex<[UnknownTokenKeys]>

    /// Begins at once.
    ///
    /// - Throws: `SystemError` when no thread can be made.
    init(
        _ source: FollowedKeySet.Source,
        _ unknown: [UnknownTokenKeys],
        health: HealthState,
        logger: Logger
    ) throws(SystemError) {
        self.unknown = Mutex(unknown)
        let work = Work(source: source, health: health, logger: logger)
        try spawn(name: "token keys") { [self] in
            var (work, schedule) = (work, KeySetSchedule(refreshSeconds: source.refreshSeconds))
            repeat {
                let now = MonotonicClock.nanoseconds() / 1_000_000_000
                guard schedule.isDue(at: now, unknownKeys: count) else { continue }
                schedule.asked(at: now, unknownKeys: count, isGood: work.look())
            } while !stopped.wait(upTo: .seconds(1))
        }
    }

    /// Heeds the tokens of another configuration from now on.
    func heed(_ next: [UnknownTokenKeys]) { unknown.withLock { $0 = next } }

    /// Ends the thread after the look at hand; the file stays as it is.
    func stop() { stopped.finish() }

    private var count: UInt64 { unknown.withLock { $0.reduce(0) { $0 &+ $1.count } } }

    /// The thread's state.
    private struct Work: Sendable {
        let source: FollowedKeySet.Source
        let health: HealthState
        let logger: Logger
        private var lastTrouble: String?

        init(source: FollowedKeySet.Source, health: HealthState, logger: Logger) {
            self.source = source
            self.health = health
            self.logger = logger
        }

        /// Asks once; answers whether there was a good answer.
        mutating func look() -> Bool {
            let place: Logger.Metadata = ["url": .string(source.url), "file": .string(source.path)]
            do throws(KeySetFetch.Failure) {
                let outcome = try KeySetFetch(source: source).run()
                if outcome.isChange {
                    logger.notice(
                        "token keys changed",
                        metadata: place.merging(["keys": .stringConvertible(outcome.keys)]) { $1 }
                    )
                }
                if lastTrouble != nil { logger.notice("token keys are fetched again", metadata: place) }
                lastTrouble = nil
                health.set(KeySetFollowing.healthName(source), .ok)
                return true
            } catch {
                let trouble = error.description
                health.set(KeySetFollowing.healthName(source), .degraded(reason: trouble))
                guard trouble != lastTrouble else { return false }
                lastTrouble = trouble
                logger.warning(
                    "token keys are not fetched; those of the file stay in force",
                    metadata: place.merging(["reason": .string(trouble)]) { $1 }
                )
                return false
            }
        }
    }
}
