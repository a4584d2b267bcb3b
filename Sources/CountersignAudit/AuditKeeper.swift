import CountersignSpool
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging
import Synchronization

/// The thread that looks after audit events: it delivers them, brings them to the disk, and notices rotated files.
final class AuditKeeper: Sendable {
    /// What it works with.
    struct Surroundings: Sendable {
        let metrics: AuditMetrics
        let health: HealthState
        let logger: Logger
    }

    private struct Requests {
        var reopen = false
        var kafka: KafkaSettings?
        /// When to be done, on the monotonic clock.
        var deadline: Int64?
    }

    private let settings: AuditSettings
    private let fileCare: AuditFileCare?
    private let spool: Spool?
    private let alarms: [AuditAlarm]
    private let surroundings: Surroundings
    private let wake: AuditWake
    private let requests = Mutex(Requests())
    private let finished = Completion()
    private let spoolCare: SpoolCare?

    /// Prepares the thread.
    ///
    /// - Throws: `SystemError` when there is no descriptor left.
    init(
        _ settings: AuditSettings,
        file: AuditFile?,
        spool: Spool?,
        alarms: [AuditAlarm],
        _ surroundings: Surroundings
    ) throws(SystemError) {
        self.settings = settings
        self.fileCare = file.map { AuditFileCare($0, surroundings.logger) }
        self.spool = spool
        self.spoolCare = spool.map { SpoolCare($0, surroundings.metrics, surroundings.logger) }
        self.alarms = alarms
        self.surroundings = surroundings
        self.wake = try AuditWake()
    }

    /// Starts the thread; health has the component `audit` from here on.
    ///
    /// - Throws: `SystemError` when no thread can be made, ``KafkaError`` for settings that cannot be used.
    func start() throws {
        let started = Completion()
        try spawn(name: "audit") { [self] in
            do {
                let delivery = try makeDelivery()
                report(delivery)
                started.finish()
                run(delivery)
            } catch {
                started.finish(with: error)
            }
            finished.finish()
        }
        if let error = started.wait() { throw error }
    }

    /// Tells the thread of a new event.
    func signal() { wake.signal() }

    /// Asks for a look at the file.
    func reopen() {
        requests.withLock { $0.reopen = true }
        wake.signal()
    }

    /// Asks for other settings.
    func replace(_ kafka: KafkaSettings) {
        requests.withLock { $0.kafka = kafka }
        wake.signal()
    }

    /// Asks for the end, and waits for it.
    func stop(within time: Duration) {
        let time = min(time, Self.longestStop)
        let deadline = MonotonicClock.nanoseconds() + Int64(clamping: time.nanoseconds)
        requests.withLock { $0.deadline = deadline }
        wake.signal()
        // A disk that does not answer holds up nothing for ever.
        _ = finished.wait(upTo: time + .seconds(5))
    }

    private func run(_ delivery: KafkaDelivery?) {
        let interval = Int64(clamping: settings.syncInterval.nanoseconds)
        var (nextSync, nextLook) = (MonotonicClock.nanoseconds() + interval, Int64(0))
        while true {
            let asked = requests.withLock { requests in
                defer { (requests.reopen, requests.kafka) = (false, nil) }
                return requests
            }
            if let kafka = asked.kafka { delivery?.replace(kafka) }
            delivery?.advance()
            let now = MonotonicClock.nanoseconds()
            if now >= nextSync {
                sync()
                nextSync = now + interval
            }
            if now >= nextLook || asked.reopen {
                fileCare?.look()
                nextLook = now + Self.lookInterval
            }
            report(delivery)
            if let deadline = asked.deadline, delivery?.isDrained ?? true || now >= deadline { return end(delivery) }
            let next = min(nextSync, nextLook, asked.deadline ?? .max)
            wake.wait(milliseconds: Int32(clamping: max(0, next - now) / 1_000_000 + 1))
        }
    }

    private func makeDelivery() throws(KafkaError) -> KafkaDelivery? {
        guard let kafka = settings.kafka, let spool else { return nil }
        surroundings.metrics.spoolMaximumBytes.set(Double(kafka.spool.maximumBytes))
        return try KafkaDelivery(kafka.settings, spool, surroundings.metrics, surroundings.logger, wake)
    }

    private func end(_ delivery: KafkaDelivery?) {
        sync()
        report(delivery)
        guard let left = spool?.waiting, left > 0 else { return }
        surroundings.logger.warning(
            "audit events are left in the spool; the next start delivers them",
            metadata: ["events": .stringConvertible(left)]
        )
    }

    private func sync() {
        count { () throws(SystemError) in try fileCare?.sync() }
        count { () throws(SystemError) in try spoolCare?.sync() }
    }

    private func count(_ sync: () throws(SystemError) -> Void) {
        do throws(SystemError) {
            try sync()
        } catch {
            surroundings.metrics.syncErrors.add()
            surroundings.logger.error(
                "audit events were not brought to the disk",
                metadata: ["reason": .string("\(error)")]
            )
        }
    }

    private func report(_ delivery: KafkaDelivery?) {
        let metrics = surroundings.metrics
        let now = WallClock.nanoseconds() / 1_000_000
        let (state, waiting) = (delivery?.state, spool?.waiting ?? 0)
        metrics.spoolBytes.set(Double(spool?.bytes ?? 0))
        metrics.spoolEvents.set(Double(waiting))
        metrics.oldestAge.set(Double(state?.age(at: now) ?? 0) / 1000)
        let losses = alarms.compactMap(\.reason).map { "audit events are being lost: \($0)" }
        let kafka = state?.problem(at: now).map { "\($0), \(waiting) events wait" }
        let problems = losses + [fileCare?.problem, spoolCare?.problem, kafka].compactMap(\.self)
        surroundings.health.set("audit", problems.isEmpty ? .ok : .degraded(reason: problems.joined(separator: "; ")))
    }

    /// The longest that the end waits for Kafka, whatever a program asks for.
    private static let longestStop = Duration.seconds(24 * 60 * 60)
    /// Nanoseconds between two looks at the file's path.
    private static let lookInterval: Int64 = 1_000_000_000
}
