/// What is counted about routes and the bus that they come over.
///
/// Only the bus's own thread counts.
package final class BusMetrics: Sendable {
    /// `router_nats_connected`: whether a server of the bus has let the router in.
    package let connected: Gauge
    /// `router_nats_connections_total`: how often one has.
    package let connections: Counter
    /// `router_nats_messages_total{subject}`: messages that have come.
    package let messages: LabelledCounter<BusMessageKind>
    /// `router_nats_rejected_total{reason}`: messages that are not acted upon, in whole or in part.
    package let rejected: LabelledCounter<BusRejection>
    /// `router_routes`: routes, those of the file included.
    package let routes: Gauge
    /// `router_route_endpoints`: endpoints that are registered, one of several routes as often.
    package let endpoints: Gauge
    /// `router_unresolved_names`: names of endpoints that do not resolve, of the file and of the control plane.
    package let unresolvedNames: Gauge
    /// `router_route_endpoints_pruned_total`: endpoints that were forgotten for not being registered again.
    package let pruned: Counter
    /// `router_route_registration_lag_seconds`: from the sender's learning of a change to its being in force.
    package let lag: ShardedHistogram

    /// Registers the metrics in a registry that does not hold them already.
    package init(registry: MetricsRegistry) {
        self.connected = registry.register(
            "router_nats_connected",
            help: "Whether a server of the message bus has let the router in.",
            Gauge()
        )
        self.connections = registry.register(
            "router_nats_connections_total",
            help: "How often a server of the message bus has let the router in.",
            Counter()
        )
        self.messages = registry.register(
            "router_nats_messages_total",
            help: "Messages that have come over the message bus.",
            LabelledCounter<BusMessageKind>(shards: 1)
        )
        self.rejected = registry.register(
            "router_nats_rejected_total",
            help: "Messages of the message bus that are not acted upon, in whole or in part.",
            LabelledCounter<BusRejection>(shards: 1)
        )
        self.routes = registry.register(
            "router_routes",
            help: "Routes, those of the file included.",
            Gauge()
        )
        self.endpoints = registry.register(
            "router_route_endpoints",
            help: "Endpoints that are registered, one of several routes as often.",
            Gauge()
        )
        self.unresolvedNames = registry.register(
            "router_unresolved_names",
            help: "Names of endpoints that do not resolve.",
            Gauge()
        )
        self.pruned = registry.register(
            "router_route_endpoints_pruned_total",
            help: "Endpoints that were forgotten for not being registered again in time.",
            Counter()
        )
        self.lag = registry.register(
            "router_route_registration_lag_seconds",
            help: "Time from the sender's learning of a change to its being in force.",
            ShardedHistogram(bounds: ShardedHistogram.requestBounds, shards: 1)
        )
    }
}
