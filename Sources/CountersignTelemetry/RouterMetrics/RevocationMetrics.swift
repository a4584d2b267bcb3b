/// What is counted about revocations that a feed delivers, and about how fast they bite.
package final class RevocationMetrics: Sendable {
    /// `mtls_revocation_cut_seconds`: from the call that revokes, or from learning of a new list, to the last close.
    package let cutDuration: ShardedHistogram
    /// `mtls_revocation_connections_closed_total`: open connections that a revocation has ended.
    package let closedConnections: ShardedCounter
    /// `mtls_revocation_entries`: certificates that are revoked according to the feed.
    package let entries: Gauge
    /// `mtls_revocation_feed_age_seconds`: since the feed was last known to be complete.
    package let feedAge: MomentGauge

    /// Registers the metrics.
    ///
    /// - Parameters:
    ///   - registry: Where they are registered; it must not hold them already.
    ///   - shards: Number of event loops.
    package init(registry: MetricsRegistry, shards: Int) {
        self.cutDuration = registry.register(
            "mtls_revocation_cut_seconds",
            help: "Time from the call that revokes to the last close of a connection that it ends.",
            ShardedHistogram(bounds: ShardedHistogram.cutBounds, shards: shards)
        )
        self.closedConnections = registry.register(
            "mtls_revocation_connections_closed_total",
            help: "Open connections that a revocation has ended.",
            ShardedCounter(shards: shards)
        )
        self.entries = registry.register(
            "mtls_revocation_entries",
            help: "Certificates that are revoked according to the feed.",
            Gauge()
        )
        self.feedAge = registry.register(
            "mtls_revocation_feed_age_seconds",
            help: "Seconds since the feed of revocations was last known to be complete.",
            MomentGauge(.secondsSince)
        )
    }
}
