import CountersignTelemetry
import Testing

@Suite struct RouterMetricsTests {
    @Test func `registers every name that operators are promised`() throws {
        let registry = MetricsRegistry()
        _ = RouterMetrics(registry: registry, shards: 2, version: "1.2.3")
        _ = AccessLogMetrics(registry: registry)
        let exposition = try Exposition(parsing: registry.render())
        #expect(
            exposition.families == [
                "mtls_auth_failure_total", "mtls_auth_success_total", "mtls_auth_would_deny_total",
                "mtls_cert_days_until_expiry",
                "mtls_cert_rotations_total", "mtls_crl_age_seconds", "mtls_handshake_duration_seconds",
                "mtls_handshake_total", "mtls_plaintext_requests_total", "mtls_pop_mismatch_total",
                "mtls_revocation_connections_closed_total",
                "mtls_revocation_cut_seconds", "mtls_revocation_entries", "mtls_revocation_feed_age_seconds",
                "mtls_upstream_failure_total", "mtls_upstream_fallback_total",
                "mtls_upstream_handshake_duration_seconds", "mtls_upstream_retired_total",
                "mtls_upstream_suspension_total",
                "router_access_log_dropped_total",
                "router_access_log_records_total", "router_access_log_write_errors_total", "router_build_info",
                "router_bytes_total", "router_config_age_seconds", "router_config_reloads_total",
                "router_connections_open", "router_connections_refused_total", "router_connections_retired_total",
                "router_connections_total", "router_control_connected", "router_control_sequence",
                "router_health_check_endpoints", "router_health_checks_total",
                "router_nats_connected", "router_nats_connections_total",
                "router_nats_messages_total", "router_nats_rejected_total", "router_protocol_violations_total",
                "router_proxy_headers_total",
                "router_request_duration_seconds", "router_requests_total", "router_route_endpoints",
                "router_route_endpoints_pruned_total", "router_route_registration_lag_seconds", "router_routes",
                "router_tunnels_open", "router_tunnels_total",
                "router_tunnels_withdrawn_total", "router_unresolved_names", "router_upstream_connections",
                "router_upstream_duration_seconds",
                "router_upstream_ejected", "router_upstream_ejections_total",
                "router_upstream_errors_total", "router_upstream_last_resort_total", "router_upstream_retries_total",
                "router_upstream_retries_withheld_total",
            ]
        )
        #expect(exposition.value("router_build_info", ["version": "1.2.3", "commit": ""]) == 1)
    }

    @Test func `counts under the labels that the documentation names`() throws {
        let registry = MetricsRegistry(clock: { 86_400_000_000_000 })
        let metrics = RouterMetrics(registry: registry, shards: 2, version: "1", commit: "abc")
        metrics.mtls.countHandshake(from: "example.org", to: "*.apps.identity", result: .resumed)
        metrics.mtls.countAuthFailure(reason: "expired")
        metrics.mtls.certificateExpiry.child("router").set(3 * 86_400_000_000_000)
        metrics.mtls.certificateRotations.child("router", "success").add()
        metrics.requests.child("*.apps.identity").add(status: 404, method: .get, shard: 1)
        metrics.requests.child("*.apps.identity").add(status: 0, method: .other, shard: 0)
        metrics.upstreamConnections.add(.idle, 2, shard: 1)
        metrics.bytes.add(.clientOut, 512, shard: 0)
        metrics.configurationReloads.add(.failure, shard: 0)
        let read = try Exposition(parsing: registry.render())
        let handshake = ["from": "example.org", "to": "*.apps.identity", "result": "resumed"]
        #expect(read.value("mtls_handshake_total", handshake) == 1)
        #expect(read.value("mtls_auth_failure_total", ["reason": "expired"]) == 1)
        #expect(read.value("mtls_cert_days_until_expiry", ["service": "router"]) == 2)
        #expect(read.value("mtls_cert_rotations_total", ["service": "router", "result": "success"]) == 1)
        let domain = "*.apps.identity"
        #expect(read.value("router_requests_total", ["domain": domain, "code": "4xx", "method": "GET"]) == 1)
        #expect(read.value("router_requests_total", ["domain": domain, "code": "other", "method": "other"]) == 1)
        #expect(read.value("router_requests_total", ["domain": domain, "code": "2xx", "method": "GET"]) == nil)
        #expect(read.value("router_upstream_connections", ["state": "idle"]) == 2)
        #expect(read.value("router_upstream_connections", ["state": "active"]) == 0)
        #expect(read.value("router_bytes_total", ["direction": "client_out"]) == 512)
        #expect(read.value("router_config_reloads_total", ["result": "failure"]) == 1)
        #expect(read.value("router_config_reloads_total", ["result": "success"]) == 0)
    }

    @Test(arguments: [
        ("GET", HTTPMethodClass.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("PATCH", .patch),
        ("DELETE", .delete), ("OPTIONS", .options), ("CONNECT", .connect), ("TRACE", .other), ("get", .other),
        ("", .other), ("GETGETGETGET", .other), ("XOPTIONS", .other), ("\0\0GET", .other),
    ])
    func `puts methods that clients could invent under one name`(method: String, expected: HTTPMethodClass) {
        #expect(HTTPMethodClass(method: Array(method.utf8).span) == expected)
    }

    @Test(arguments: [
        (100, HTTPStatusClass.informational), (200, .success), (299, .success), (304, .redirection),
        (421, .clientError), (599, .serverError), (600, .other), (99, .other), (0, .other), (-1, .other),
    ])
    func `puts statuses into classes`(status: Int, expected: HTTPStatusClass) {
        #expect(HTTPStatusClass(status: status) == expected)
    }

    @Test func `numbers label cases without gaps`() {
        #expect(HTTPMethodClass.allCases.map(\.rawValue) == Array(0..<9))
        #expect(HTTPStatusClass.allCases.map(\.rawValue) == Array(0..<6))
        #expect(UpstreamErrorKind.allCases.map(\.rawValue) == Array(0..<UpstreamErrorKind.allCases.count))
        #expect(Set(UpstreamErrorKind.allCases.map { "\($0.text)" }).count == UpstreamErrorKind.allCases.count)
    }
}
