import CountersignTelemetry
import Logging
import Synchronization

/// What all workers share; everything in it may be used from any thread.
final class RouterServices: Sendable {
    let metrics: RouterMetrics
    let accessLog: AccessLogWriter?
    let logger: Logger
    let drained: DrainGate
    let revoked: RevokedCertificates
    let identity: UpstreamIdentityHolder
    private let cuts = Atomic<Int>(0)
    private let connections = Atomic<Int>(0)

    init(
        metrics: RouterMetrics,
        accessLog: AccessLogWriter?,
        logger: Logger,
        workers: Int,
        revoked: RevokedCertificates,
        identity: UpstreamIdentityHolder
    ) {
        self.metrics = metrics
        self.accessLog = accessLog
        self.logger = logger
        self.revoked = revoked
        self.identity = identity
        self.drained = DrainGate(count: workers)
    }

    /// Counts one more connection of a client; `false` when there are as many as there may be over all workers.
    func takeConnection(limit: Int) -> Bool {
        guard connections.add(1, ordering: .relaxed).newValue <= limit else {
            giveConnection()
            return false
        }
        return true
    }

    func giveConnection() {
        connections.subtract(1, ordering: .relaxed)
    }

    /// Counts a connection that had to be cut in the middle of a response.
    func noteCut() {
        cuts.add(1, ordering: .relaxed)
    }

    /// How many connections were cut.
    var cutCount: Int { cuts.load(ordering: .relaxed) }
}
