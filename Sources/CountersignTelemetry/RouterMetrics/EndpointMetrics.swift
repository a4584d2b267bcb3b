/// What is counted about how endpoints are doing, and what is done about it.
package final class EndpointMetrics: Sendable {
    /// `router_upstream_retries_total{reason}`: attempts beyond the first of a request.
    package let retries: LabelledCounter<RetryReason>
    /// `router_upstream_retries_withheld_total{limit}`: attempts that a limit did not allow.
    package let withheldRetries: LabelledCounter<WithheldRetry>
    /// `router_upstream_ejections_total{cause}`: times that a worker ejected an endpoint.
    package let ejections: LabelledCounter<EndpointFault>
    /// `router_upstream_ejected`: endpoints that are ejected now, one by several workers as often.
    package let ejected: ShardedGauge
    /// `router_upstream_last_resort_total`: requests that went to an ejected or unwell endpoint for want of another.
    package let lastResorts: ShardedCounter
    /// `router_health_checks_total{upstream,result}`: active checks.
    package let checks: CounterFamily
    /// `router_health_check_endpoints{upstream,state}`: endpoints under active checks.
    package let checkedEndpoints: GaugeFamily

    /// Registers the metrics in a registry that does not hold them already.
    ///
    /// - Parameters:
    ///   - registry: Where they are registered.
    ///   - shards: Number of event loops.
    package init(registry: MetricsRegistry, shards: Int) {
        self.retries = registry.register(
            "router_upstream_retries_total",
            help: "Attempts to have a backend answer beyond the first of a request.",
            LabelledCounter<RetryReason>(shards: shards)
        )
        self.withheldRetries = registry.register(
            "router_upstream_retries_withheld_total",
            help: "Further attempts that a limit did not allow.",
            LabelledCounter<WithheldRetry>(shards: shards)
        )
        self.ejections = registry.register(
            "router_upstream_ejections_total",
            help: "Times that a worker left an endpoint out for its failures or its identity.",
            LabelledCounter<EndpointFault>(shards: shards)
        )
        self.ejected = registry.register(
            "router_upstream_ejected",
            help: "Endpoints that workers leave out now, one by several workers as often.",
            ShardedGauge(shards: shards)
        )
        self.lastResorts = registry.register(
            "router_upstream_last_resort_total",
            help: "Requests sent to an ejected or unwell endpoint, as there was no other.",
            ShardedCounter(shards: shards)
        )
        self.checks = registry.register(
            "router_health_checks_total",
            help: "Active checks of endpoints, by upstream or route and result.",
            CounterFamily(labelNames: ["upstream", "result"]) { Counter() }
        )
        self.checkedEndpoints = registry.register(
            "router_health_check_endpoints",
            help: "Endpoints under active checks, by upstream or route and state.",
            GaugeFamily(labelNames: ["upstream", "state"]) { Gauge() }
        )
    }
}
