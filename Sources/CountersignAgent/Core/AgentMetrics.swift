package import CountersignTelemetry

/// What an agent counts.
package final class AgentMetrics: Sendable {
    /// `mtls_cert_days_until_expiry{service}`: for each service, and for `agent` itself.
    package let certificateExpiry: MetricFamily<MomentGauge>
    /// `mtls_cert_rotations_total{service,result}`: certificates obtained and put in place, and failures to.
    package let rotations: CounterFamily
    /// `agent_reloads_total{service,result}`: consumers told of new files.
    package let reloads: CounterFamily
    /// `agent_authority_errors_total{code}`: why there was no new certificate.
    package let authorityErrors: CounterFamily
    /// `agent_bundle_age_seconds`: since the trust bundle came last.
    package let bundleAge: MomentGauge
    /// `agent_revocation_lists_age_seconds`: since the revocation lists came last.
    package let revocationListsAge: MomentGauge
    /// `agent_revocation_lists_refused_total{reason}`: lists of the authority that were not put in place.
    package let refusedRevocationLists: CounterFamily

    /// Registers the metrics.
    package init(registry: MetricsRegistry) {
        certificateExpiry = registry.register(
            "mtls_cert_days_until_expiry",
            help: "Days until the certificate in use expires; negative once it has.",
            MetricFamily<MomentGauge>(labelNames: ["service"]) { MomentGauge(.daysUntil) }
        )
        rotations = registry.register(
            "mtls_cert_rotations_total",
            help: "Certificates obtained and put in place, by service and result.",
            CounterFamily(labelNames: ["service", "result"]) { Counter() }
        )
        reloads = registry.register(
            "agent_reloads_total",
            help: "Commands and signals to consumers of new certificates, by service and result.",
            CounterFamily(labelNames: ["service", "result"]) { Counter() }
        )
        authorityErrors = registry.register(
            "agent_authority_errors_total",
            help: "Calls of the authority that came to nothing, by kind of problem.",
            CounterFamily(labelNames: ["code"]) { Counter() }
        )
        bundleAge = registry.register(
            "agent_bundle_age_seconds",
            help: "Seconds since the trust bundle was last fetched from the authority.",
            MomentGauge(.secondsSince)
        )
        revocationListsAge = registry.register(
            "agent_revocation_lists_age_seconds",
            help: "Seconds since the revocation lists were last fetched from the authority.",
            MomentGauge(.secondsSince)
        )
        refusedRevocationLists = registry.register(
            "agent_revocation_lists_refused_total",
            help: "Revocation lists of the authority that were not put in place, by what is wrong with them.",
            CounterFamily(labelNames: ["reason"]) { Counter() }
        )
    }
}
