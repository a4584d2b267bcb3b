/// What is told about the control plane that a router follows.
package final class ControlMetrics: Sendable {
    /// `router_control_connected`: whether the control plane is heard.
    package let connected: Gauge
    /// `router_control_sequence`: the version of its routes and policies that is in force here.
    package let sequence: Gauge

    /// Registers the metrics in a registry that does not hold them already.
    package init(registry: MetricsRegistry) {
        self.connected = registry.register(
            "router_control_connected",
            help: "Whether the control plane is heard.",
            Gauge()
        )
        self.sequence = registry.register(
            "router_control_sequence",
            help: "The version of the control plane's routes and policies that is in force.",
            Gauge()
        )
    }
}
