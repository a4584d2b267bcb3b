package import CountersignTelemetry

/// What the Workload API counts.
package final class WorkloadMetrics: Sendable {
    /// `agent_workload_requests_total{method,result}`: answers and refusals; each message of a stream is an answer.
    package let requests: CounterFamily
    /// `agent_workload_attestations_refused_total{reason}`: callers that are no service.
    package let refusals: CounterFamily
    /// `agent_workload_overloads_total{reason}`: connections and calls that were refused because there were too many.
    package let overloads: CounterFamily
    /// `agent_workload_streams`: callers that are told of changes.
    package let streams: Gauge

    /// Registers the metrics.
    package init(registry: MetricsRegistry) {
        requests = registry.register(
            "agent_workload_requests_total",
            help: "Answers of the Workload API, by method and result.",
            CounterFamily(labelNames: ["method", "result"]) { Counter() }
        )
        refusals = registry.register(
            "agent_workload_attestations_refused_total",
            help: "Callers of the Workload API that are none of this host's services, by reason.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
        overloads = registry.register(
            "agent_workload_overloads_total",
            help: "Connections and calls of the Workload API that were refused as there were too many, by reason.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
        streams = registry.register(
            "agent_workload_streams",
            help: "Streams of the Workload API that are open.",
            Gauge()
        )
    }
}
