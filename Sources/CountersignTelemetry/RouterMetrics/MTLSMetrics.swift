/// What is counted about identity: handshakes, decisions, certificates and revocation lists.
package final class MTLSMetrics: Sendable {
    /// `mtls_handshake_total{from,to,result}`: see ``countHandshake(from:to:result:)``.
    package let handshakes: CounterFamily
    /// `mtls_handshake_duration_seconds`: from the first byte to the completed handshake.
    package let handshakeDuration: ShardedHistogram
    /// `mtls_auth_success_total`: requests that policy let through.
    package let authSuccesses: ShardedCounter
    /// `mtls_auth_failure_total{reason}`: requests and handshakes refused for want of identity or permission.
    package let authFailures: CounterFamily
    /// `mtls_pop_mismatch_total`: requests whose token is bound to another certificate than the connection's.
    package let bindingMismatches: ShardedCounter
    /// `mtls_auth_would_deny_total{reason}`: requests that policy denied on domains which only report that.
    package let audits: CounterFamily
    /// `mtls_plaintext_requests_total{source}`: requests that came without TLS, by the client's address.
    package let plaintextRequests: CounterFamily
    /// `mtls_cert_days_until_expiry{service}`: for each certificate that the router presents.
    package let certificateExpiry: MetricFamily<MomentGauge>
    /// `mtls_cert_rotations_total{service,result}`: certificates exchanged while running.
    package let certificateRotations: CounterFamily
    /// `mtls_crl_age_seconds`: since the oldest revocation list in use was issued.
    package let revocationListAge: MomentGauge
    /// The `mtls_revocation_` metrics.
    package let revocation: RevocationMetrics

    /// Registers the metrics.
    ///
    /// - Parameters:
    ///   - registry: Where they are registered; it must not hold them already.
    ///   - shards: Number of event loops.
    package init(registry: MetricsRegistry, shards: Int) {
        self.revocation = RevocationMetrics(registry: registry, shards: shards)
        self.handshakes = registry.register(
            "mtls_handshake_total",
            help: "TLS handshakes by caller, domain and result.",
            CounterFamily(labelNames: ["from", "to", "result"]) { Counter() }
        )
        self.handshakeDuration = registry.register(
            "mtls_handshake_duration_seconds",
            help: "Duration of completed TLS handshakes with clients.",
            ShardedHistogram(bounds: ShardedHistogram.handshakeBounds, shards: shards)
        )
        self.authSuccesses = registry.register(
            "mtls_auth_success_total",
            help: "Requests that policy allowed.",
            ShardedCounter(shards: shards)
        )
        self.authFailures = registry.register(
            "mtls_auth_failure_total",
            help: "Requests and handshakes refused for want of identity or permission, by reason.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
        self.bindingMismatches = registry.register(
            "mtls_pop_mismatch_total",
            help: "Requests whose token is bound to another certificate than the connection's.",
            ShardedCounter(shards: shards)
        )
        self.audits = registry.register(
            "mtls_auth_would_deny_total",
            help: "Requests that policy denied and that passed because their domain only reports it, by reason.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
        self.plaintextRequests = registry.register(
            "mtls_plaintext_requests_total",
            help: "Requests that came without TLS, by the client's address.",
            CounterFamily(labelNames: ["source"], limit: Self.mostSources) { Counter() }
        )
        self.certificateExpiry = registry.register(
            "mtls_cert_days_until_expiry",
            help: "Days until the certificate in use expires; negative once it has.",
            MetricFamily<MomentGauge>(labelNames: ["service"]) { MomentGauge(.daysUntil) }
        )
        self.certificateRotations = registry.register(
            "mtls_cert_rotations_total",
            help: "Certificates exchanged while running, by service and result.",
            CounterFamily(labelNames: ["service", "result"]) { Counter() }
        )
        self.revocationListAge = registry.register(
            "mtls_crl_age_seconds",
            help: "Seconds since the oldest revocation list in use was issued.",
            MomentGauge(.secondsSince)
        )
    }

    /// How many addresses of clients without TLS are told apart; further ones are `other`.
    private static let mostSources = 256

    /// Counts one handshake with a client.
    ///
    /// - Parameters:
    ///   - from: Who called, from a set that the operator controls, such as the trust domain or the service's name
    ///     in the configuration; empty when there was no certificate. Never a subject, serial or SPIFFE path.
    ///   - to: The configured name of the domain that the handshake was for; empty when there was none.
    ///   - result: How it ended.
    package func countHandshake(from: String, to: String, result: HandshakeResult) {
        self.handshakes.child(from, to, "\(result.text)").add()
    }

    /// Counts one request that passed although policy denied it.
    ///
    /// - Parameter reason: A constant of the code that names the reason.
    package func countAudit(reason: String) {
        self.audits.child(reason).add()
    }

    /// Counts one refusal.
    ///
    /// - Parameter reason: A constant of the code that names the reason, never text from a peer.
    package func countAuthFailure(reason: String) {
        self.authFailures.child(reason).add()
    }
}
