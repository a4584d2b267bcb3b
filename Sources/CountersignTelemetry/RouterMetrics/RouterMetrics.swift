/// Everything that a router counts, registered under the names that operators see.
///
/// Handles are plain properties: counting is one addition in memory that only the calling loop writes to. Where a
/// method takes a `shard`, pass the index of the event loop. Families (``requests``, ``protocolViolations`` and those
/// of ``mtls``) take a lock at `child`; keep the child where counting is frequent.
package final class RouterMetrics: Sendable {
    /// The `mtls_` metrics.
    package let mtls: MTLSMetrics
    /// `router_requests_total{domain,code,method}`: finished requests.
    package let requests: MetricFamily<RequestCounter>
    /// `router_request_duration_seconds`: from the request's first byte to the response's last.
    package let requestDuration: ShardedHistogram
    /// `router_upstream_duration_seconds`: from handing the request to a backend to the head of its response.
    package let upstreamDuration: ShardedHistogram
    /// `router_connections_open`: connections from clients.
    package let openConnections: ShardedGauge
    /// `router_connections_total`: connections from clients accepted so far.
    package let acceptedConnections: ShardedCounter
    /// `router_connections_retired_total{reason}`: connections from clients that reached the end of their life.
    package let retiredConnections: LabelledCounter<RetirementReason>
    /// `router_connections_refused_total`: connections closed at once because there were too many.
    package let refusedConnections: ShardedCounter
    /// `router_upstream_connections{state}`: connections to backends.
    package let upstreamConnections: LabelledGauge<UpstreamConnectionState>
    /// The `mtls_upstream_` metrics.
    package let upstreamTLS: UpstreamTLSMetrics
    /// `router_upstream_errors_total{kind}`: requests that no backend answered.
    package let upstreamErrors: LabelledCounter<UpstreamErrorKind>
    /// The metrics of how endpoints are doing.
    package let endpoints: EndpointMetrics
    /// `router_protocol_violations_total{code}`: requests and responses refused for their framing.
    package let protocolViolations: CounterFamily
    /// `router_config_reloads_total{result}`: configurations taken up or refused.
    package let configurationReloads: LabelledCounter<ChangeResult>
    /// `router_config_age_seconds`: since the configuration in use was taken up.
    package let configurationAge: MomentGauge
    /// `router_bytes_total{direction}`: bytes of message bodies, without framing.
    package let bytes: LabelledCounter<ByteDirection>
    /// `router_proxy_headers_total{result}`: headers of proxies in front of the router.
    package let proxyHeaders: LabelledCounter<ProxyHeaderResult>
    /// The `router_tunnels_` metrics.
    package let tunnels: TunnelMetrics
    /// The metrics of routes and of the bus that they come over.
    package let bus: BusMetrics
    /// The metrics of the control plane that is followed.
    package let control: ControlMetrics
    /// `router_build_info{version,commit}`: always 1.
    package let build: GaugeFamily

    /// Registers all metrics of a router.
    ///
    /// - Parameters:
    ///   - registry: Where they are registered; it must not hold a router's metrics already.
    ///   - shards: Number of event loops.
    ///   - version: The product's version.
    ///   - commit: The source revision that was built; empty when unknown.
    package init(registry: MetricsRegistry, shards: Int, version: String, commit: String = "") {
        self.mtls = MTLSMetrics(registry: registry, shards: shards)
        self.requests = registry.register(
            "router_requests_total",
            help: "Finished requests by domain, status class and method.",
            MetricFamily<RequestCounter>(labelNames: ["domain"]) { RequestCounter(shards: shards) }
        )
        self.requestDuration = registry.register(
            "router_request_duration_seconds",
            help: "Time from the first byte of a request to the last byte of its response.",
            ShardedHistogram(bounds: ShardedHistogram.requestBounds, shards: shards)
        )
        self.upstreamDuration = registry.register(
            "router_upstream_duration_seconds",
            help: "Time from handing a request to a backend to the head of its response.",
            ShardedHistogram(bounds: ShardedHistogram.requestBounds, shards: shards)
        )
        self.openConnections = Self.makeOpenConnections(registry, shards: shards)
        self.acceptedConnections = Self.makeAcceptedConnections(registry, shards: shards)
        self.retiredConnections = Self.makeRetiredConnections(registry, shards: shards)
        self.refusedConnections = Self.makeRefusedConnections(registry, shards: shards)
        self.upstreamTLS = UpstreamTLSMetrics(registry: registry, shards: shards)
        self.endpoints = EndpointMetrics(registry: registry, shards: shards)
        self.upstreamConnections = registry.register(
            "router_upstream_connections",
            help: "Connections to backends by state.",
            LabelledGauge<UpstreamConnectionState>(shards: shards)
        )
        self.upstreamErrors = registry.register(
            "router_upstream_errors_total",
            help: "Attempts to have a backend answer that failed, by kind.",
            LabelledCounter<UpstreamErrorKind>(shards: shards)
        )
        self.protocolViolations = registry.register(
            "router_protocol_violations_total",
            help: "Messages refused for breaking HTTP framing, by code.",
            CounterFamily(labelNames: ["code"]) { Counter() }
        )
        self.configurationReloads = registry.register(
            "router_config_reloads_total",
            help: "Configurations taken up or refused.",
            LabelledCounter<ChangeResult>(shards: 1)
        )
        self.configurationAge = registry.register(
            "router_config_age_seconds",
            help: "Seconds since the configuration in use was taken up.",
            MomentGauge(.secondsSince)
        )
        self.bytes = registry.register(
            "router_bytes_total",
            help: "Bytes of message bodies exchanged with clients, by direction.",
            LabelledCounter<ByteDirection>(shards: shards)
        )
        self.proxyHeaders = Self.makeProxyHeaders(registry, shards: shards)
        self.tunnels = TunnelMetrics(registry: registry, shards: shards)
        self.bus = BusMetrics(registry: registry)
        self.control = ControlMetrics(registry: registry)
        self.build = Self.makeBuildInfo(registry, version: version, commit: commit)
    }

    /// The `mtls_revocation_` metrics.
    package var revocation: RevocationMetrics { mtls.revocation }

    private static func makeRetiredConnections(
        _ registry: MetricsRegistry,
        shards: Int
    ) -> LabelledCounter<RetirementReason> {
        registry.register(
            "router_connections_retired_total",
            help: "Connections from clients that were ended for their age or their certificate's end.",
            LabelledCounter<RetirementReason>(shards: shards)
        )
    }

    private static func makeProxyHeaders(
        _ registry: MetricsRegistry,
        shards: Int
    ) -> LabelledCounter<ProxyHeaderResult> {
        registry.register(
            "router_proxy_headers_total",
            help: "PROXY protocol headers of proxies in front of the router, by what became of them.",
            LabelledCounter<ProxyHeaderResult>(shards: shards)
        )
    }

    private static func makeOpenConnections(_ registry: MetricsRegistry, shards: Int) -> ShardedGauge {
        registry.register(
            "router_connections_open",
            help: "Open connections from clients.",
            ShardedGauge(shards: shards)
        )
    }

    private static func makeAcceptedConnections(_ registry: MetricsRegistry, shards: Int) -> ShardedCounter {
        registry.register(
            "router_connections_total",
            help: "Connections from clients that were accepted.",
            ShardedCounter(shards: shards)
        )
    }

    private static func makeRefusedConnections(_ registry: MetricsRegistry, shards: Int) -> ShardedCounter {
        registry.register(
            "router_connections_refused_total",
            help: "Connections from clients that were closed at once because there were too many.",
            ShardedCounter(shards: shards)
        )
    }

    private static func makeBuildInfo(_ registry: MetricsRegistry, version: String, commit: String) -> GaugeFamily {
        let family = registry.register(
            "router_build_info",
            help: "The version that runs; always 1.",
            GaugeFamily(labelNames: ["version", "commit"], limit: 1) { Gauge() }
        )
        family.child(version, commit).set(1)
        return family
    }
}
