import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging

extension RouterWorker {
    /// The moment at which a second of the wall clock is over, in nanoseconds of the loop.
    ///
    /// Counted from the wall clock as it is now; at most about 30 years ahead, which no connection lasts.
    func loopTime(atEndOf lastSecond: Int64) -> UInt64 {
        let (seconds, fraction) = loop.wallClock.quotientAndRemainder(dividingBy: 1_000_000_000)
        let difference = lastSecond.subtractingReportingOverflow(seconds - 1)
        guard !difference.overflow, difference.partialValue > 0 else { return loop.now }
        return loop.now &+ UInt64(min(difference.partialValue, 1_000_000_000) * 1_000_000_000 - fraction)
    }

    /// Looks whether the identities that upstreams are shown were exchanged; if so, retires what was opened under those
    /// before.
    ///
    /// New connections need no such look: each is opened with the identity of that moment.
    func followIdentity() {
        let edition = services.identity.edition
        guard edition != followedIdentity || snapshot.egress != nil else { return }
        followedIdentity = edition
        for pool in pools.values where pool.security != nil { pool.followIdentity() }
    }

    /// Cuts the open connections to endpoints that depend on revoked certificates.
    ///
    /// - Returns: how many those were.
    func cutUpstreams(under keys: [RevocationKey]) -> Int {
        guard upstreamIndex.keyCount > 0 else { return 0 }
        let found: [UpstreamConnection]
        if keys.count > upstreamIndex.keyCount {
            let all = Set(keys)
            found = upstreamIndex.connections { all.contains($0) }
        } else {
            found = upstreamIndex.connections(under: keys)
        }
        let rejection = ChainRejection(.revoked, "its certificate, or one above it, was revoked")
        for connection in found where connection.state != .closed {
            metrics.revocation.closedConnections.add(shard: loop.index)
            tell("upstream connection closed", connection.pool, .rejected(rejection))
            connection.cut(for: rejection)
        }
        return found.count
    }

    func countHandshake(_ pool: UpstreamPool, _ upstream: VerifiedUpstream, since start: UInt64) {
        let duration = Int64(clamping: EventLoop.monotonicNanoseconds() &- start)
        metrics.upstreamTLS.handshakeDuration.observe(nanoseconds: duration, shard: loop.index)
        metrics.mtls.countHandshake(
            from: ownName,
            to: pool.security?.name ?? "",
            result: upstream.isResumed ? .resumed : .full
        )
    }

    /// Counts, and tells of, a connection to an endpoint over TLS that could not be opened or used.
    func countFailure(_ failure: UpstreamFailure, of pool: UpstreamPool, inHandshake: Bool) {
        let name = pool.security?.name ?? ""
        if inHandshake, let result = failure.handshakeResult {
            metrics.mtls.countHandshake(from: ownName, to: name, result: result)
        }
        guard failure.isAboutTLS else { return }
        metrics.upstreamTLS.failures.child(name, failure.reason).add()
        tell("upstream refused", pool, failure)
    }

    func countFallback(_ pool: UpstreamPool, _ security: UpstreamSecurity) {
        metrics.upstreamTLS.fallbacks.child(security.name).add()
        guard takeRefusalLogTurn() else { return }
        logger.warning(
            "request sent to an upstream in plain text, as it does not speak TLS and allow_fallback is set",
            metadata: ["upstream": .string(security.name), "endpoint": .string("\(pool.target.address)")]
        )
    }

    func countSuspension(_ pool: UpstreamPool) {
        metrics.upstreamTLS.suspensions.child(pool.security?.name ?? "").add()
    }

    func countUpstreamRetirement(_ reason: UpstreamRetirementReason) {
        metrics.upstreamTLS.retired.add(reason, shard: loop.index)
    }

    private func tell(_ message: Logger.Message, _ pool: UpstreamPool, _ failure: UpstreamFailure) {
        guard takeRefusalLogTurn() else { return }
        logger.warning(
            message,
            metadata: [
                "reason": .string(failure.reason),
                "explanation": .string(failure.explanation),
                "upstream": .string(pool.security?.name ?? ""),
                "endpoint": .string("\(pool.target.address)"),
            ]
        )
    }

    /// This process among the callers of handshakes.
    private var ownName: String { snapshot.egress == nil ? "router" : "egress" }
}
