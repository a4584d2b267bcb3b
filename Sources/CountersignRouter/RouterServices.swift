import CountersignTelemetry
import CountersignTransport
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
    /// Where it is told how endpoints are; `nil` for nowhere.
    let health: HealthState?
    private let mailboxes = Mutex<[Mailbox]>([])
    private let cuts = Atomic<Int>(0)
    private let connections = Atomic<Int>(0)

    init(
        metrics: RouterMetrics,
        accessLog: AccessLogWriter?,
        logger: Logger,
        workers: Int,
        revoked: RevokedCertificates,
        identity: UpstreamIdentityHolder,
        health: HealthState?
    ) {
        self.metrics = metrics
        self.accessLog = accessLog
        self.logger = logger
        self.revoked = revoked
        self.identity = identity
        self.health = health
        self.drained = DrainGate(count: workers)
    }

    /// Notes how the workers are reached, once they are there.
    func setWorkers(_ mailboxes: [Mailbox]) {
        self.mailboxes.withLock { $0 = mailboxes }
    }

    /// Has every worker do something between two events.
    func sendToAll(_ work: @escaping @Sendable (RouterWorker) -> Void) {
        for mailbox in mailboxes.withLock({ $0 }) {
            mailbox.send { loop in
                if let worker = loop.context as? RouterWorker { work(worker) }
            }
        }
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
