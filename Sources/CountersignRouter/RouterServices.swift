import CountersignTelemetry
import Logging
import Synchronization

/// What all workers share; everything in it may be used from any thread.
final class RouterServices: Sendable {
    let metrics: RouterMetrics
    let accessLog: AccessLogWriter?
    let logger: Logger
    let workerCount: Int
    let drained: DrainGate
    let revoked: RevokedCertificates
    private let cuts = Atomic<Int>(0)

    init(
        metrics: RouterMetrics,
        accessLog: AccessLogWriter?,
        logger: Logger,
        workerCount: Int,
        revoked: RevokedCertificates
    ) {
        self.metrics = metrics
        self.accessLog = accessLog
        self.logger = logger
        self.workerCount = workerCount
        self.revoked = revoked
        self.drained = DrainGate(count: workerCount)
    }

    /// Counts a connection that had to be cut in the middle of a response.
    func noteCut() {
        cuts.add(1, ordering: .relaxed)
    }

    /// How many connections were cut.
    var cutCount: Int { cuts.load(ordering: .relaxed) }
}
