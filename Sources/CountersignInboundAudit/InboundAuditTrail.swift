import CountersignAudit
public import CountersignMiddleware
import CountersignTelemetry
import CountersignTransport
public import Logging

/// Keeps what becomes of a service's requests, in a file, for Kafka, or both: the same events by the same code as `countersign authz`.
///
/// ```swift
/// let trail = try InboundAuditTrail(InboundAuditDestinations(filePath: "/var/log/orders/audit.jsonl"), logger: logger)
/// router.add(middleware: InboundMiddleware(authentication) { trail.keeps($0) })
/// ```
///
/// An event is with the operating system before its request is answered, and on the disk a sync interval later. A trail that is let go
/// stops: what waits for Kafka then waits for the next one with the same folder.
public final class InboundAuditTrail: Sendable {
    private let trail: AuditTrail
    private let destinations: InboundAuditDestinations
    private let registry = MetricsRegistry()
    private let health = HealthState()

    /// Opens the file and the spool, and starts the thread that looks after them.
    ///
    /// - Parameters:
    ///   - destinations: where events go.
    ///   - logger: takes what goes wrong.
    /// - Throws: ``InboundAuditError`` that names the file or the setting.
    public init(
        _ destinations: InboundAuditDestinations,
        logger: Logger = Logger(label: "countersign.audit")
    ) throws(InboundAuditError) {
        if let fault = destinations.fault { throw fault }
        self.destinations = destinations
        do {
            trail = try AuditTrail(
                destinations.settings,
                source: .service,
                metrics: AuditMetrics(registry: registry),
                health: health,
                logger: logger
            )
        } catch {
            throw InboundAuditError("\(error)")
        }
    }

    deinit {
        trail.stop(within: .zero)
    }

    /// Keeps an event; waits for nothing but the operating system.
    ///
    /// - Parameter audit: what `InboundAuthentication` made of a request.
    /// - Returns: whether the request may go on: always, unless requests without an event are to be refused.
    public func keeps(_ audit: InboundAudit) -> Bool { trail.keeps(audit.event) }

    /// What is counted, in the text format of Prometheus; the names are in `docs/metrics.md`, each beginning with `audit_`.
    public var metrics: String { String(decoding: registry.render(), as: UTF8.self) }

    /// What is wrong, for health probes: that events are lost, or have waited for Kafka for long; nil when nothing is.
    public var problem: String? {
        guard case .degraded(let reason) = health.status(of: "audit") else { return nil }
        return reason
    }

    /// Opens the file anew when it has been moved; that happens by itself within a second, too.
    public func reopen() { trail.reopen() }

    /// Reaches Kafka by other settings from now on, such as a renewed certificate; what waits goes by them, too.
    ///
    /// When they cannot be used, those before stay, and the log says why.
    ///
    /// - Parameter kafka: the settings; their spool is that of the first ones.
    /// - Throws: ``InboundAuditError`` when the trail does not go to Kafka, or the spool is another one.
    public func replace(_ kafka: InboundAuditDestinations.Kafka) throws(InboundAuditError) {
        if let fault = kafka.fault { throw fault }
        guard let first = destinations.kafka else {
            throw InboundAuditError("this trail does not go to Kafka; make another one that does")
        }
        guard kafka.spoolPath == first.spoolPath, kafka.maximumSpoolBytes == first.maximumSpoolBytes else {
            throw InboundAuditError(
                "a trail keeps its spool, \(first.spoolPath), and that one's size; make another one for others"
            )
        }
        trail.replace(kafka.settings)
    }

    /// Brings what waits to Kafka, for at most so long, and everything to the disk; what is left waits for the next start.
    ///
    /// No thread of the caller's is held up meanwhile.
    ///
    /// - Parameter time: how long.
    public func stop(within time: Duration = .seconds(5)) async {
        await withCheckedContinuation { continuation in
            let stop = { @Sendable [trail] in
                trail.stop(within: time)
                continuation.resume()
            }
            do throws(SystemError) {
                try spawn(name: "audit-stop", stop)
            } catch {
                stop()
            }
        }
    }
}

/// Why events cannot be kept.
public struct InboundAuditError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence for the operator.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
