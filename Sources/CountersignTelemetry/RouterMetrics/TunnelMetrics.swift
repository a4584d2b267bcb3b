/// What is counted about tunnels: connections whose bytes are passed on unread.
package final class TunnelMetrics: Sendable {
    /// `router_tunnels_total{kind}`: tunnels opened.
    package let opened: LabelledCounter<TunnelKind>
    /// `router_tunnels_open{kind}`: tunnels open now.
    package let open: LabelledGauge<TunnelKind>
    /// `router_tunnels_withdrawn_total{kind}`: tunnels that were cut because their callers may not have them any more.
    package let withdrawn: LabelledCounter<TunnelKind>

    /// Registers the metrics.
    ///
    /// - Parameters:
    ///   - registry: Where they are registered; it must not hold them already.
    ///   - shards: Number of event loops.
    package init(registry: MetricsRegistry, shards: Int) {
        self.opened = registry.register(
            "router_tunnels_total",
            help: "Tunnels opened, by how they came to be.",
            LabelledCounter<TunnelKind>(shards: shards)
        )
        self.open = registry.register(
            "router_tunnels_open",
            help: "Open tunnels, by how they came to be.",
            LabelledGauge<TunnelKind>(shards: shards)
        )
        self.withdrawn = registry.register(
            "router_tunnels_withdrawn_total",
            help: "Open tunnels that were cut as their callers may not have them any more.",
            LabelledCounter<TunnelKind>(shards: shards)
        )
    }

    /// Counts a tunnel that begins.
    ///
    /// - Parameters:
    ///   - kind: How it came to be.
    ///   - shard: The index of the loop that calls.
    package func count(_ kind: TunnelKind, shard: Int) {
        self.opened.add(kind, shard: shard)
        self.open.add(kind, 1, shard: shard)
    }

    /// Counts a tunnel that has ended.
    ///
    /// - Parameters:
    ///   - kind: How it came to be.
    ///   - shard: The index of the loop that calls.
    package func end(_ kind: TunnelKind, shard: Int) {
        self.open.add(kind, -1, shard: shard)
    }
}
