import CountersignPKI
import CountersignTelemetry
import CountersignTransport

/// A connection to a verified endpoint lasts no longer than what it was opened by: the endpoint's certificates, the
/// router's own, and that none of the endpoint's is revoked.
extension UpstreamConnection {
    /// Sets the end of the connection, where the router's own certificate does not set an earlier one.
    func limitLifetime(by upstream: VerifiedUpstream) {
        endsAt = min(endsAt, worker.loopTime(atEndOf: upstream.peer.validUntil))
    }

    /// Whether a connection that no request is on may be given the next one.
    func isCurrent(_ upstream: VerifiedUpstream) -> Bool {
        guard edition == pool.presented.edition, worker.loop.now < endsAt else { return false }
        guard checkedGeneration != worker.services.revoked.generation else { return true }
        return feedRejection(of: upstream) == nil
    }

    /// Whether the connection may wait for another request.
    var mayBeKept: Bool {
        guard !hasProxyHeader else { return false }
        return switch link {
        // In place of TLS, plain text is for one request: each is counted, and the next may find TLS again.
        case .plain: pool.security == nil
        case .secure: !isRetiring && edition == pool.presented.edition
        case .none: false
        }
    }

    /// What the feed of revocations has against an endpoint; nil when it may be used, which is remembered.
    func feedRejection(of upstream: VerifiedUpstream) -> ChainRejection? {
        // Read before the lookup, so that a change in between is found at the next request.
        let generation = worker.services.revoked.generation
        if let rejection = worker.services.revoked.rejection(of: upstream.peer) { return rejection }
        checkedGeneration = generation
        return nil
    }

    /// A certificate behind the connection has ended: what is in flight has as long as a drain.
    func lifetimeEnded() {
        guard !isRetiring else {
            http2?.lost("upstream_certificate_ended", .rejected(Self.ended))
            exchange?.upstreamLost("upstream_certificate_ended", .rejected(Self.ended))
            return
        }
        isRetiring = true
        endsAt = worker.loop.now &+ worker.timeouts.drain.nanoseconds
        worker.countUpstreamRetirement(.certificateEnded)
        rearm()
    }

    /// Ends the connection at once, as the endpoint's certificate, or one above it, was revoked.
    func cut(for rejection: ChainRejection) {
        worker.countUpstreamRetirement(.revoked)
        pool.suspend(for: .rejected(rejection))
        if let http2, state == .active || state == .idle {
            http2.lost("upstream_revoked", .rejected(rejection))
            return
        }
        guard state == .active, let exchange else {
            close()
            return
        }
        exchange.upstreamLost("upstream_revoked", .rejected(rejection))
    }

    private static let ended = ChainRejection(.expired, "a certificate that the connection was opened with has ended")
}
