/// What is counted about TLS toward backends, beside `mtls_handshake_total`.
package final class UpstreamTLSMetrics: Sendable {
    /// `mtls_upstream_handshake_duration_seconds`: from the start of the connection to the verified backend.
    package let handshakeDuration: ShardedHistogram
    /// `mtls_upstream_failure_total{upstream,reason}`: connections that were refused, by either side, or failed.
    package let failures: CounterFamily
    /// `mtls_upstream_fallback_total{upstream}`: requests that went in plain text in place of TLS.
    package let fallbacks: CounterFamily
    /// `mtls_upstream_suspension_total{upstream}`: endpoints left out for a while for what they failed to prove.
    package let suspensions: CounterFamily
    /// `mtls_upstream_retired_total{reason}`: connections that were ended although they worked.
    package let retired: LabelledCounter<UpstreamRetirementReason>

    /// Registers the metrics.
    ///
    /// - Parameters:
    ///   - registry: Where they are registered; it must not hold them already.
    ///   - shards: Number of event loops.
    package init(registry: MetricsRegistry, shards: Int) {
        self.handshakeDuration = registry.register(
            "mtls_upstream_handshake_duration_seconds",
            help: "Time from the start of a connection to a backend until the backend is verified.",
            ShardedHistogram(bounds: ShardedHistogram.handshakeBounds, shards: shards)
        )
        self.failures = registry.register(
            "mtls_upstream_failure_total",
            help: "TLS connections to backends that were refused or failed, by upstream and reason.",
            CounterFamily(labelNames: ["upstream", "reason"]) { Counter() }
        )
        self.fallbacks = registry.register(
            "mtls_upstream_fallback_total",
            help: "Requests sent to backends in plain text in place of TLS, by upstream.",
            CounterFamily(labelNames: ["upstream"]) { Counter() }
        )
        self.suspensions = registry.register(
            "mtls_upstream_suspension_total",
            help: "Times that an endpoint was left out for a while for its identity, by upstream.",
            CounterFamily(labelNames: ["upstream"]) { Counter() }
        )
        self.retired = registry.register(
            "mtls_upstream_retired_total",
            help: "TLS connections to backends that were ended before their time, by reason.",
            LabelledCounter<UpstreamRetirementReason>(shards: shards)
        )
    }
}
