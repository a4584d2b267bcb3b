/// What the forward proxy counts beside what every data plane does.
package final class EgressMetrics: Sendable {
    /// `egress_connections_total{workload,result}`: connections by the workload that opened them; the result is `known`, or
    /// why nobody knows who did.
    package let connections: CounterFamily
    /// `egress_calls_total{destination,kind,result}`: requests and tunnels that were decided about.
    package let calls: CounterFamily
    /// `egress_lookup_duration_seconds`: how long it took to find out who opened a connection.
    package let lookupDuration: ShardedHistogram
    /// `egress_partial_lookups_total`: look-ups in which not all that other users have open was looked at.
    package let partialLookups: Counter

    /// Registers the metrics.
    ///
    /// - Parameters:
    ///   - registry: where they are shown.
    ///   - shards: the number of event loops.
    package init(registry: MetricsRegistry, shards: Int) {
        connections = registry.register(
            "egress_connections_total",
            help: "Connections of local processes, by the workload that they are of and the result of the look-up.",
            CounterFamily(labelNames: ["workload", "result"]) { Counter() }
        )
        calls = registry.register(
            "egress_calls_total",
            help: "Requests and tunnels of workloads, by where they were to go and what was decided.",
            CounterFamily(labelNames: ["destination", "kind", "result"]) { Counter() }
        )
        lookupDuration = registry.register(
            "egress_lookup_duration_seconds",
            help: "How long it took to find out which process opened a connection.",
            ShardedHistogram(bounds: ShardedHistogram.handshakeBounds, shards: shards)
        )
        partialLookups = registry.register(
            "egress_partial_lookups_total",
            help: "Look-ups in which processes of other users had more open than is looked at.",
            Counter()
        )
    }
}
