package import CountersignTelemetry

/// What is counted of audit events.
package final class AuditMetrics: Sendable {
    /// Why an event did not get where it belongs; the raw value is the label of `audit_dropped_total`.
    package enum Loss: String, Sendable, CaseIterable {
        /// The spool has no room.
        case spoolFull = "spool_full"
        /// The spool could not be written to.
        case spoolError = "spool_error"
        /// The file could not be written to.
        case fileError = "file_error"
        /// A broker does not take the event, such as one that is too large for the topic.
        case rejected
        /// The spool's files were damaged there.
        case damaged
        /// A crash cut it off.
        case torn
    }

    /// `audit_events_total{result}`: events by the result of their requests.
    let events: WordCounter
    /// `audit_dropped_total{reason}`.
    let dropped: WordCounter
    /// `audit_refused_requests_total`.
    let refused: Counter
    /// `audit_file_events_total`.
    let written: Counter
    /// `audit_delivered_total`.
    let delivered: Counter
    /// `audit_delivery_failures_total`.
    let failures: Counter
    /// `audit_delivery_duration_seconds`.
    let latency: ShardedHistogram
    /// `audit_spool_bytes`.
    let spoolBytes: Gauge
    /// `audit_spool_max_bytes`.
    let spoolMaximumBytes: Gauge
    /// `audit_spool_events`.
    let spoolEvents: Gauge
    /// `audit_spool_restored_total`.
    let restored: Counter
    /// `audit_oldest_event_age_seconds`.
    let oldestAge: Gauge
    /// `audit_kafka_up`.
    let isUp: Gauge
    /// `audit_sync_errors_total`.
    let syncErrors: Counter

    /// Registers the metrics.
    package init(registry: MetricsRegistry) {
        func count(_ name: String, _ help: String) -> Counter { registry.register(name, help: help, Counter()) }
        func gauge(_ name: String, _ help: String) -> Gauge { registry.register(name, help: help, Gauge()) }
        events = registry.register(
            "audit_events_total",
            help: "Audit events, by the result of their requests.",
            WordCounter(labelName: "result", words: ["success", "failure"])
        )
        dropped = registry.register(
            "audit_dropped_total",
            help: "Audit events that a sink has lost, by reason.",
            WordCounter(labelName: "reason", words: Loss.allCases.map(\.rawValue))
        )
        refused = count("audit_refused_requests_total", "Requests that were refused as their event could not be kept.")
        written = count("audit_file_events_total", "Audit events that were written to the file.")
        delivered = count("audit_delivered_total", "Audit events that a broker has confirmed.")
        failures = count("audit_delivery_failures_total", "Attempts to deliver an audit event that failed.")
        latency = registry.register(
            "audit_delivery_duration_seconds",
            help: "Time from a decision to the broker's confirmation of its event.",
            ShardedHistogram(bounds: ShardedHistogram.requestBounds, shards: 1)
        )
        spoolBytes = gauge("audit_spool_bytes", "Bytes of the spool's files.")
        spoolMaximumBytes = gauge("audit_spool_max_bytes", "Bytes that the spool's files may have.")
        spoolEvents = gauge("audit_spool_events", "Audit events that wait to be delivered.")
        restored = count(
            "audit_spool_restored_total",
            "Times that files of the spool had been removed by somebody and were written anew."
        )
        oldestAge = gauge("audit_oldest_event_age_seconds", "Age of the oldest audit event that waits for Kafka.")
        isUp = gauge("audit_kafka_up", "Whether a broker is connected.")
        syncErrors = count("audit_sync_errors_total", "Failures to bring audit events to the disk.")
    }

    /// Counts an event that a sink has lost.
    func count(_ loss: Loss) { dropped.add(loss.rawValue) }
}
