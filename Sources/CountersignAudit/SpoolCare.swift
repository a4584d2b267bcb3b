import CountersignSpool
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Brings the spool to the disk, notices that somebody has removed it or cut it off, and makes that known.
final class SpoolCare: Sendable {
    private struct State {
        var problem: String?
        /// Until when health tells of it at least, on the monotonic clock.
        var toldUntil: Int64 = 0
        var isRestored = true
        /// How many restorations have been told.
        var told = 0
        /// How many files that were cut off have been told.
        var toldCut = 0
    }

    private let spool: Spool
    private let metrics: AuditMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// Takes what it works with.
    ///
    /// - Parameters:
    ///   - spool: is looked after.
    ///   - metrics: counts.
    ///   - logger: takes what goes wrong.
    init(_ spool: Spool, _ metrics: AuditMetrics, _ logger: Logger) {
        self.spool = spool
        self.metrics = metrics
        self.logger = logger
    }

    /// What is wrong, or was a minute ago; nil when nothing is.
    var problem: String? {
        state.withLock { state in
            if state.isRestored, MonotonicClock.nanoseconds() >= state.toldUntil { state.problem = nil }
            return state.problem
        }
    }

    /// Writes anew what somebody has removed, and brings everything to the disk.
    ///
    /// - Throws: `SystemError` that names the file; the next call tries again.
    func sync() throws(SystemError) {
        do throws(SystemError) {
            try spool.restore()
            let count = spool.restorations
            let new = state.withLock { state in
                defer { (state.told, state.isRestored) = (count, true) }
                return count - state.told
            }
            tellChanges()
            if new > 0 {
                for _ in 0..<new { metrics.restored.add() }
                logger.error("THE SPOOL OF AUDIT EVENTS WAS REMOVED, and was written anew; keep others from its folder")
                note("the spool was removed, and was written anew", isRestored: true)
            }
        } catch {
            note("the spool was removed, and cannot be written anew: \(error)", isRestored: false)
            throw error
        }
        try spool.sync()
    }

    /// What was found beside what is missing.
    private func tellChanges() {
        for file in spool.takeSetAside() {
            logger.error("a file of the spool was set aside", metadata: ["file": .string(file)])
        }
        let count = spool.cutFiles
        let new = state.withLock { state in
            defer { state.toldCut = count }
            return count - state.toldCut
        }
        guard new > 0 else { return }
        logger.error(
            "A FILE OF THE SPOOL OF AUDIT EVENTS WAS CUT OFF, and what was behind is lost; keep others from its folder",
            metadata: ["files": .stringConvertible(new)]
        )
        note("a file of the spool was cut off", isRestored: true)
    }

    private func note(_ problem: String, isRestored: Bool) {
        let until = MonotonicClock.nanoseconds() + Self.toldFor
        state.withLock { ($0.problem, $0.toldUntil, $0.isRestored) = (problem, until, isRestored) }
    }

    /// Nanoseconds for which health tells of a removal, so that whoever looks now and then sees it.
    private static let toldFor: Int64 = 60_000_000_000
}
