package import CountersignAuthentication
package import CountersignTelemetry

/// What the service counts.
package final class AuthzMetrics: Sendable {
    private let successes: Counter
    private let failures: WordCounter
    private let badTokens: WordCounter
    private let mismatches: Counter
    private let waived: WordCounter
    private let ignored: Counter
    private let displaced: WordCounter

    /// Registers the metrics.
    package init(registry: MetricsRegistry) {
        let words = RefusalCode.allCases.map(\.rawValue)
        self.successes = registry.register(
            "mtls_auth_success_total",
            help: "Requests that were authenticated.",
            Counter()
        )
        self.failures = registry.register(
            "mtls_auth_failure_total",
            help: "Requests that were refused, by reason.",
            WordCounter(labelName: "reason", words: words)
        )
        self.badTokens = registry.register(
            "mtls_token_refused_total",
            help: "Tokens that were not good, by reason.",
            WordCounter(labelName: "reason", words: TokenFault.labels)
        )
        self.mismatches = registry.register(
            "mtls_pop_mismatch_total",
            help: "Tokens that came with another certificate than the one that they are bound to.",
            Counter()
        )
        self.waived = registry.register(
            "mtls_auth_waived_total",
            help: "Requests that would have been refused if mutual TLS were enforced, by reason.",
            WordCounter(labelName: "reason", words: words)
        )
        self.ignored = registry.register(
            "mtls_forwarded_ignored_total",
            help: "Certificates in headers that came from an address that is not trusted.",
            Counter()
        )
        self.displaced = registry.register(
            "authz_connections_refused_total",
            help: "Connections that were closed because there were too many, by listener.",
            WordCounter(labelName: "listener", words: ["http", "grpc"])
        )
    }

    /// Counts a connection that was closed for want of room.
    ///
    /// - Parameter listener: `http` or `grpc`.
    package func countRefusedConnection(of listener: String) {
        displaced.add(listener)
    }

    /// Counts a decision.
    package func count(_ verdict: InboundVerdict) {
        if verdict.ignoredForwarded { ignored.add() }
        let reason: RefusalCode?
        switch verdict.result {
        case .success(let authenticated):
            successes.add()
            reason = authenticated.waived?.code
            if let reason { waived.add(reason.rawValue) }
        case .failure(let refusal):
            reason = refusal.code
            failures.add(refusal.code.rawValue)
            if let reason = refusal.tokenReason { badTokens.add(reason) }
        }
        if reason == .senderBindingMismatch { mismatches.add() }
    }
}
