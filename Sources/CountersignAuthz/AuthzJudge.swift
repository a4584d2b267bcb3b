package import CountersignAuthentication
import CountersignHTTPServer
import CountersignIdentity
import CountersignTransport
package import Logging
import Synchronization

/// Judges what proxies ask, counts it and writes it down.
package final class AuthzJudge: Sendable {
    private let authenticator: Mutex<InboundAuthenticator>
    private let metrics: AuthzMetrics
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let record: @Sendable (AuditEvent) -> Bool

    /// Takes what it works with.
    ///
    /// - Parameters:
    ///   - authenticator: decides.
    ///   - metrics: counts.
    ///   - logger: takes a line for each decision.
    ///   - clock: Unix milliseconds.
    ///   - record: takes what is to be kept of each decision, and answers whether the request may have it; runs on an
    ///     event loop and must not block.
    package init(
        _ authenticator: InboundAuthenticator,
        metrics: AuthzMetrics,
        logger: Logger,
        clock: @escaping @Sendable () -> Int64,
        record: @escaping @Sendable (AuditEvent) -> Bool = { _ in true }
    ) {
        self.authenticator = Mutex(authenticator)
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        self.record = record
    }

    /// The fields about certificates that the proxy does not write itself.
    var foreignCertificateFields: [String] {
        HeaderNames.foreign(to: authenticator.withLock { $0.settings.reader })
    }

    /// Judges by other settings from the next request on.
    package func replace(_ authenticator: InboundAuthenticator) {
        self.authenticator.withLock { $0 = authenticator }
    }

    /// Judges a request, counts the decision and writes it down.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - names: the names of its header fields, as far as the proxy says them.
    package func judge(_ request: InboundRequest, fieldNames names: [String]) -> InboundVerdict {
        var verdict = decide(request, names)
        if !record(verdict.audit) { verdict = verdict.unkept() }
        metrics.count(verdict)
        write(verdict)
        return verdict
    }

    /// The answer to a proxy that speaks a dialect.
    func answer(_ request: ServerRequest, _ dialect: ProxyDialect) -> ServerResponse {
        guard let original = original(of: request, dialect) else { return Self.incomplete }
        switch judge(original, fieldNames: request.fields.map(\.name)).result {
        case .success(let authenticated): return AuthzAnswers.allowed(authenticated)
        case .failure(let refusal): return AuthzAnswers.refused(refusal, status: dialect.status(of: refusal))
        }
    }

    /// The client's answer to a request of nginx that was refused a moment ago; it is not counted again.
    func refusal(of request: ServerRequest) -> ServerResponse {
        guard let original = original(of: request, .nginx) else { return Self.incomplete }
        guard case .failure(let refusal) = decide(original, request.fields.map(\.name)).result else {
            // The settings have changed in between; the client may try again.
            return .text(503, "503 Service Unavailable: try again")
        }
        return AuthzAnswers.forClientOfNginx(refusal)
    }

    private func original(of request: ServerRequest, _ dialect: ProxyDialect) -> InboundRequest? {
        guard let peer = try? IPAddress(parsing: request.remote.host) else { return nil }
        return dialect.original(of: request, from: peer)
    }

    private func decide(_ request: InboundRequest, _ fieldNames: [String]) -> InboundVerdict {
        let (authenticator, now) = (authenticator.withLock { $0 }, clock())
        return authenticator.refuseDisguised(request, fieldNames: fieldNames, atUnixMilliseconds: now)
            ?? authenticator.authenticate(request, atUnixMilliseconds: now)
    }

    private func write(_ verdict: InboundVerdict) {
        let audit = verdict.audit
        var metadata: Logger.Metadata = [
            "mtls_thumbprint_present": .stringConvertible(verdict.hasThumbprint),
            "mode": .string(audit.mode.rawValue),
            "method": .string(audit.method),
            "host": .string(audit.host),
            "path": .string(audit.path),
        ]
        if let thumbprint = audit.thumbprint { metadata["thumbprint"] = .string(thumbprint) }
        if let caller = audit.caller { metadata["caller"] = .string(caller) }
        if let reason = audit.reason { metadata["reason"] = .string(reason.rawValue) }
        if verdict.ignoredForwarded { metadata["forwarded_ignored"] = .string("address not trusted") }
        switch verdict.result {
        case .success(let authenticated) where authenticated.waived != nil:
            logger.warning("request let through, as mutual TLS is not enforced", metadata: metadata)
        case .success: logger.info("request authenticated", metadata: metadata)
        case .failure(let refusal):
            if let reason = refusal.tokenReason { metadata["fault"] = .string(reason) }
            logger.info("request refused", metadata: metadata)
        }
    }

    private static let incomplete = ServerResponse.text(
        400,
        "400 Bad Request: the proxy has to say what the client asked for; see docs/forward-auth.md"
    )
}
