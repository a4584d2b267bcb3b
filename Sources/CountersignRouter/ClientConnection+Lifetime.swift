import CountersignPKI
import CountersignTelemetry
import CountersignTransport

extension ClientConnection {
    /// Sets the end of the connection: that of the certificates behind it or the configured age, whichever is earlier.
    ///
    /// The certificates' end is counted from the wall clock as it is now. Should that be set meanwhile, requests are
    /// still measured by the clock itself.
    func limitLifetime() {
        guard !isRetiring else { return }
        let now = worker.loop.now
        var end = UInt64.max
        if let age = worker.timeouts.maximumConnectionAge { end = acceptedAt &+ age.nanoseconds }
        if let peer = identity.peer {
            let certificateEnd = worker.loopTime(atEndOf: peer.validUntil)
            endsWithCertificate = certificateEnd <= end
            end = min(end, certificateEnd)
        }
        endsAt = end
        // Told a little ahead, clients that are busy move to a new connection and find no request unanswered.
        let margin = end > now ? min((end - now) / 10, Self.announcement.nanoseconds) : 0
        announcesEndAt = end == .max ? .max : end - margin
        arm()
    }

    /// Whether responses from now on say that they are the last.
    var announcesEnd: Bool { worker.loop.now >= announcesEndAt }

    /// An idle connection is closed; on another one the response in flight is the last, and has as long as a drain.
    func lifetimeEnded() {
        guard !isRetiring else {
            cut("connection_ended")
            return
        }
        isRetiring = true
        announcesEndAt = 0
        endsAt = worker.loop.now &+ worker.timeouts.drain.nanoseconds
        worker.countRetirement(endsWithCertificate ? .certificateEnded : .maximumAge)
        if let http2 {
            http2.end()
        } else if let exchange {
            exchange.keepsClient = false
        } else if inbound?.isEmpty ?? true {
            close()
        }
    }

    private static let announcement = Duration.seconds(5)
}
