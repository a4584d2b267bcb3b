import CountersignTelemetry
import Logging

/// What all workers share; everything in it may be used from any thread.
final class RouterServices: Sendable {
    let metrics: RouterMetrics
    let accessLog: AccessLogWriter?
    let logger: Logger
    let workerCount: Int
    let drained: DrainGate
    let revoked: RevokedCertificates

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
}
