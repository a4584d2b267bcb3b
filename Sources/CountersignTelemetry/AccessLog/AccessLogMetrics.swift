/// What is counted about the access log itself.
package final class AccessLogMetrics: Sendable {
    /// `router_access_log_records_total`: lines written.
    package let written: Counter
    /// `router_access_log_dropped_total`: lines dropped because the destination was slow, full or broken.
    package let dropped: Counter
    /// `router_access_log_write_errors_total`: writes and reopenings that failed.
    package let errors: Counter

    /// Registers the metrics.
    package init(registry: MetricsRegistry) {
        self.written = registry.register(
            "router_access_log_records_total",
            help: "Lines of the access log that were written.",
            Counter()
        )
        self.dropped = registry.register(
            "router_access_log_dropped_total",
            help: "Lines of the access log that were dropped because the destination was slow, full or broken.",
            Counter()
        )
        self.errors = registry.register(
            "router_access_log_write_errors_total",
            help: "Failures to write or reopen the access log.",
            Counter()
        )
    }
}
