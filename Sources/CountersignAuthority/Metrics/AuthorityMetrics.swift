package import CountersignIssuance
package import CountersignTelemetry

/// What the authority counts.
package final class AuthorityMetrics: Sendable {
    /// `mtls_cert_issuances_total{channel,result}`.
    package let issuances: CounterFamily
    /// `mtls_cert_revocations_total{reason}`.
    package let revocations: CounterFamily
    /// `mtls_cert_rotations_total{service,result}`.
    package let rotations: CounterFamily
    /// `mtls_cert_days_until_expiry{service}`: of the newest certificate of each registered service, and of the
    /// authority's own.
    package let expiry: MetricFamily<MomentGauge>
    /// `countersign_kept_certificates{state}`: services whose certificates this process keeps.
    package let kept: MetricFamily<Gauge>
    /// `mtls_crl_age_seconds`: since the newest revocation list was signed.
    package let revocationListAge: MomentGauge
    /// `mtls_crl_entries`: certificates on the newest revocation list.
    package let revocationListEntries: Gauge
    /// `mtls_crl_number`: the number of the newest revocation list.
    package let revocationListNumber: Gauge
    /// `mtls_ocsp_responses_total{status}`.
    package let ocspResponses: CounterFamily
    /// `mtls_auth_failure_total{reason}`: calls that were refused for want of identity or permission.
    package let authenticationFailures: CounterFamily
    /// `countersign_revocation_subscribers`: routers and authorities that follow the revocation stream.
    package let subscribers: Gauge
    /// `countersign_connections_refused_total{listener}`: connections that were closed at once, as there were too many.
    package let refusedConnections: CounterFamily

    /// `mtls_tokens_total{kind,result}`: service tokens and JWT-SVIDs that were asked for.
    package let tokens: CounterFamily
    /// `mtls_token_keys{state}`: signing keys of tokens.
    package let tokenKeys: MetricFamily<Gauge>

    /// Registers the metrics.
    package init(registry: MetricsRegistry) {
        issuances = registry.register(
            "mtls_cert_issuances_total",
            help: "Certificates asked for, by channel and result.",
            CounterFamily(labelNames: ["channel", "result"]) { Counter() }
        )
        revocations = registry.register(
            "mtls_cert_revocations_total",
            help: "Certificates revoked, held or released, by reason.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
        rotations = registry.register(
            "mtls_cert_rotations_total",
            help: "Certificates renewed, by service and result.",
            CounterFamily(labelNames: ["service", "result"]) { Counter() }
        )
        expiry = registry.register(
            "mtls_cert_days_until_expiry",
            help: "Days until the newest certificate of a service expires; negative once it has.",
            MetricFamily<MomentGauge>(labelNames: ["service"]) { MomentGauge(.daysUntil) }
        )
        kept = Self.registerKept(registry)
        revocationListAge = registry.register(
            "mtls_crl_age_seconds",
            help: "Seconds since the newest revocation list was signed.",
            MomentGauge(.secondsSince)
        )
        revocationListEntries = registry.register(
            "mtls_crl_entries",
            help: "Certificates on the newest revocation list.",
            Gauge()
        )
        revocationListNumber = registry.register(
            "mtls_crl_number",
            help: "Number of the newest revocation list.",
            Gauge()
        )
        ocspResponses = registry.register(
            "mtls_ocsp_responses_total",
            help: "OCSP answers, by status.",
            CounterFamily(labelNames: ["status"]) { Counter() }
        )
        authenticationFailures = registry.register(
            "mtls_auth_failure_total",
            help: "Calls refused for want of identity or permission, by reason.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
        subscribers = registry.register(
            "countersign_revocation_subscribers",
            help: "Programs that follow the revocation stream.",
            Gauge()
        )
        refusedConnections = registry.register(
            "countersign_connections_refused_total",
            help: "Connections closed at once for the listener's limit, by listener.",
            CounterFamily(labelNames: ["listener"]) { Counter() }
        )
        (tokens, tokenKeys) = (Self.registerTokens(registry), Self.registerTokenKeys(registry))
        showIssuances()
    }

    private static func registerKept(_ registry: MetricsRegistry) -> MetricFamily<Gauge> {
        registry.register(
            "countersign_kept_certificates",
            help: "Services whose certificates the authority keeps, by the state of the one in place.",
            MetricFamily<Gauge>(labelNames: ["state"]) { Gauge() }
        )
    }

    private static func registerTokens(_ registry: MetricsRegistry) -> CounterFamily {
        registry.register(
            "mtls_tokens_total",
            help: "Tokens asked for, by kind and result.",
            CounterFamily(labelNames: ["kind", "result"]) { Counter() }
        )
    }

    private static func registerTokenKeys(_ registry: MetricsRegistry) -> MetricFamily<Gauge> {
        registry.register(
            "mtls_token_keys",
            help: "Signing keys of tokens, by state.",
            MetricFamily<Gauge>(labelNames: ["state"]) { Gauge() }
        )
    }

    /// They are there from the start, so that the first failure is an increase and not a new series.
    private func showIssuances() {
        for state in KeptState.allCases { kept.child(state.rawValue).set(0) }
        for channel in IssuanceChannel.allCases {
            for outcome in Outcome.allCases { _ = issuances.child(channel.rawValue, outcome.rawValue) }
        }
    }

    /// Counts the end of a request for a certificate.
    package func countIssuance(_ channel: IssuanceChannel, _ outcome: Outcome) {
        issuances.child(channel.rawValue, outcome.rawValue).add()
    }

    /// Records when a service's certificate expires, in Unix seconds.
    package func setExpiry(of service: String, at notAfter: Int64) {
        // Nanoseconds of 64 bits end in the year 2262; certificates may end later.
        expiry.child(service).set(min(notAfter, Int64.max / 1_000_000_000) * 1_000_000_000)
    }

    /// How a request for a certificate ended.
    package enum Outcome: String, Sendable, CaseIterable {
        /// The certificate was recorded and handed out.
        case success
        /// The caller may not have it.
        case refused
        /// The authority could not make or record it.
        case failure

        init(_ error: AuthorityError) {
            self = error.code.isRefusal ? .refused : .failure
        }
    }
}
