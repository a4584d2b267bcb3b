import CountersignHTTP1
import CountersignHTTP2
import CountersignPolicy
import CountersignTelemetry
import CountersignTransport
import Logging

extension RouterWorker {
    var logForm: AccessLogForm { accessLog?.form ?? .json }

    func countRequest(_ exchange: Exchange) {
        let shard = loop.index
        if exchange.isTunnel {
            // How long a tunnel lasts says nothing of how long requests take.
            tunnelEnded(exchange)
        } else {
            metrics.requestDuration.observe(nanoseconds: exchange.outcome.duration, shard: shard)
        }
        requestCounter(of: exchange.domain).add(
            status: exchange.outcome.status,
            method: HTTPMethodClass(exchange.head.method),
            shard: shard
        )
        metrics.bytes.add(.clientIn, exchange.outcome.bytesReceived, shard: shard)
        metrics.bytes.add(.clientOut, exchange.outcome.bytesSent, shard: shard)
    }

    func observeUpstream(_ nanoseconds: Int64) {
        metrics.upstreamDuration.observe(nanoseconds: nanoseconds, shard: loop.index)
    }

    func countRetirement(_ reason: RetirementReason) {
        metrics.retiredConnections.add(reason, shard: loop.index)
    }

    func countPermit() {
        metrics.mtls.authSuccesses.add(shard: loop.index)
    }

    /// Counts a request that passed because its domain only reports what its policy denies.
    func countAudit(_ reason: DenialReason) {
        metrics.mtls.countAudit(reason: reason.metricLabel)
    }

    func countDenial(_ reason: DenialReason) {
        metrics.mtls.countAuthFailure(reason: reason.metricLabel)
    }

    func countUpstreamError(_ kind: UpstreamErrorKind) {
        metrics.upstreamErrors.add(kind, 1, shard: loop.index)
    }

    func count(_ violation: ProtocolViolation) {
        metrics.protocolViolations.child(violation.code.metricLabel).add()
    }

    /// Whether one more refusal may be logged in this second: peers decide how many there are, so they are bounded.
    func takeRefusalLogTurn() -> Bool {
        guard refusalLogBudget > 0 else { return false }
        refusalLogBudget -= 1
        return true
    }

    /// Tells, at most once a second, that something of the router or the system has run out.
    func tellOfLimit(_ message: Logger.Message, _ metadata: Logger.Metadata) {
        guard !hasToldOfLimit else { return }
        hasToldOfLimit = true
        logger.error(message, metadata: metadata)
    }

    /// Tells of a refused message.
    func noteViolation(_ violation: ProtocolViolation, _ client: ClientConnection?) {
        guard takeRefusalLogTurn() else { return }
        logger.info(
            "request refused",
            metadata: [
                "reason": .string(violation.code.metricLabel),
                "explanation": .string(violation.description),
                "remote": .string(client?.remote.description ?? ""),
            ]
        )
    }

    /// Counts and tells of what a client of HTTP/2 broke.
    func noteViolation(_ violation: HTTP2Violation, _ client: ClientConnection) {
        metrics.protocolViolations.child(violation.metricLabel).add()
        guard takeRefusalLogTurn() else { return }
        logger.info(
            violation.isAbuse ? "client does too much, its connection is closed" : "request refused",
            metadata: [
                "reason": .string(violation.metricLabel),
                "explanation": .string("\(violation.reason)"),
                "remote": .string(client.remote.description),
            ]
        )
    }

    private func requestCounter(of domain: MutualTLSDomain?) -> RequestCounter {
        guard let domain else { return plainRequests }
        let identifier = ObjectIdentifier(domain)
        // Requests of one domain follow each other.
        if let lastCounted, lastCounted.domain == identifier { return lastCounted.counter }
        let counter = domainRequests[identifier] ?? metrics.requests.child(domain.name)
        domainRequests[identifier] = counter
        lastCounted = (identifier, counter)
        return counter
    }
}

extension HTTPMethodClass {
    init(_ method: RequestMethod) {
        self =
            switch method {
            case .get: .get
            case .head: .head
            case .post: .post
            case .put: .put
            case .patch: .patch
            case .delete: .delete
            case .options: .options
            case .connect: .connect
            case .trace, .other: .other
            }
    }
}
