package import CountersignAuthentication
import CountersignSpool
package import CountersignTelemetry
import CountersignTransport
package import Logging
import Synchronization

/// Keeps what becomes of requests: in a file, for Kafka, or both.
///
/// An event is with the operating system before its request is answered, and on the disk a sync interval later. Nothing
/// waits for Kafka: events wait for it in a spool on the disk, and each stays there until a broker has confirmed it. After
/// a crash some may be delivered twice, with the same identifier.
package final class AuditTrail: Sendable {
    /// Whether a request is to be refused whose event was not kept.
    private let refusesUnkept: Bool

    private let source: AuditSource
    private let identifiers = AuditIdentifier.Sequence()
    private let file: AuditFile?
    private let spool: Spool?
    private let metrics: AuditMetrics
    private let fileAlarm: AuditAlarm
    private let spoolAlarm: AuditAlarm
    private let keeper: AuditKeeper

    /// Opens the sinks and starts the thread that looks after them.
    ///
    /// - Parameters:
    ///   - settings: where events go.
    ///   - source: which part of the product makes them.
    ///   - metrics: what is counted.
    ///   - health: gets the component `audit`.
    ///   - logger: takes what goes wrong.
    /// - Throws: `SystemError` that names the file, or ``KafkaError``.
    package init(
        _ settings: AuditSettings,
        source: AuditSource,
        metrics: AuditMetrics,
        health: HealthState,
        logger: Logger
    ) throws {
        self.refusesUnkept = settings.refusesUnkept
        self.source = source
        self.metrics = metrics
        self.file = try settings.file.map { file throws(SystemError) in try AuditFile(file) }
        self.spool = try settings.kafka.map { kafka throws(SystemError) in
            try Spool(folder: kafka.spool.folder, maximumBytes: kafka.spool.maximumBytes)
        }
        self.fileAlarm = AuditAlarm(sink: "file", logger: logger)
        self.spoolAlarm = AuditAlarm(sink: "kafka", logger: logger)
        if let findings = spool?.findings { Self.tell(findings, metrics, logger) }
        self.keeper = try AuditKeeper(
            settings,
            file: file,
            spool: spool,
            alarms: [fileAlarm, spoolAlarm],
            AuditKeeper.Surroundings(metrics: metrics, health: health, logger: logger)
        )
        try keeper.start()
    }

    /// Keeps an event; waits for nothing but the operating system.
    ///
    /// - Returns: whether the request may be answered: always, unless requests without an event are to be refused.
    package func keeps(_ event: AuditEvent) -> Bool {
        if record(event) || !refusesUnkept { return true }
        metrics.refused.add()
        return false
    }

    /// Keeps an event.
    ///
    /// - Returns: whether any sink has it.
    func record(_ event: AuditEvent) -> Bool {
        let record = AuditRecord(event, source: source, id: identifiers.next())
        metrics.events.add(event.isSuccess ? "success" : "failure")
        let isInFile = append(record.line)
        let isInSpool = put(record)
        return isInFile || isInSpool
    }

    /// Opens the file anew when it has been moved; happens by itself within a second, too.
    package func reopen() { keeper.reopen() }

    /// Reaches Kafka by other settings from now on; when they cannot be used, the old ones stay, and the log says why.
    package func replace(_ settings: KafkaSettings) { keeper.replace(settings) }

    /// Brings what waits to Kafka, for at most so long, and everything to the disk; what is left waits for the next start.
    package func stop(within time: Duration) { keeper.stop(within: time) }

    private func append(_ line: [UInt8]) -> Bool {
        guard let file else { return false }
        do throws(SystemError) {
            try file.append(line)
            metrics.written.add()
            fileAlarm.kept()
            return true
        } catch {
            metrics.count(.fileError)
            fileAlarm.lost("\(error)")
            return false
        }
    }

    private func put(_ record: AuditRecord) -> Bool {
        guard let spool else { return false }
        do throws(SpoolFailure) {
            try spool.append(AuditMessage(record).payload)
            spoolAlarm.kept()
            keeper.signal()
            return true
        } catch {
            metrics.count(error == .full ? .spoolFull : .spoolError)
            spoolAlarm.lost("\(error)")
            return false
        }
    }

    private static func tell(_ findings: SpoolFindings, _ metrics: AuditMetrics, _ logger: Logger) {
        for _ in 0..<findings.torn { metrics.count(.torn) }
        if findings.torn > 0 {
            logger.warning("the last record of the spool is incomplete, as after a crash; its event is missing")
        }
        if findings.hasLostCursor {
            logger.error("the spool does not know what was delivered; all that it has is delivered again")
        }
        if let mode = findings.openMode {
            logger.error(
                "the spool's folder was open to others than its owner, and is not any more",
                metadata: ["mode": .string(mode), "now": "0700"]
            )
        }
        for file in findings.setAside {
            logger.error("a file of the spool was set aside", metadata: ["file": .string(file)])
        }
    }
}
