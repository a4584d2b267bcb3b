import CountersignAudit
public import CountersignMiddleware
import CountersignTelemetry
public import Logging

/// Keeps what becomes of a service's requests, in a file, for Kafka, or both: the same events by the same code as `countersign authz`.
///
/// ```swift
/// let trail = try InboundAuditTrail(InboundAuditDestinations(filePath: "/var/log/orders/audit.jsonl"), logger: logger)
/// router.add(middleware: InboundMiddleware(authentication) { trail.keeps($0) })
/// ```
///
/// An event is with the operating system before its request is answered, and on the disk a sync interval later.
public final class InboundAuditTrail: Sendable {
    private let trail: AuditTrail
    private let registry = MetricsRegistry()

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
        guard destinations.filePath != nil || destinations.kafka != nil else {
            throw InboundAuditError("audit events go nowhere; name a file, Kafka, or both")
        }
        do {
            trail = try AuditTrail(
                destinations.settings,
                source: .service,
                metrics: AuditMetrics(registry: registry),
                health: HealthState(),
                logger: logger
            )
        } catch {
            throw InboundAuditError("\(error)")
        }
    }

    /// Keeps an event; waits for nothing but the operating system.
    ///
    /// - Parameter audit: what `InboundAuthentication` made of a request.
    /// - Returns: whether the request may go on: always, unless requests without an event are to be refused.
    public func keeps(_ audit: InboundAudit) -> Bool { trail.keeps(audit.event) }

    /// What is counted, in the text format of Prometheus; the names are in `docs/metrics.md`, each beginning with `audit_`.
    public var metrics: String { String(decoding: registry.render(), as: UTF8.self) }

    /// Brings what waits to Kafka, for at most so long, and everything to the disk; what is left waits for the next start.
    ///
    /// - Parameter time: how long.
    public func stop(within time: Duration = .seconds(5)) { trail.stop(within: time) }
}

/// Why events cannot be kept.
public struct InboundAuditError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence for the operator.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
