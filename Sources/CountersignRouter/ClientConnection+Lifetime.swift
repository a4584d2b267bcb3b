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
            let certificateEnd = now &+ Self.nanoseconds(untilEndOf: peer.validUntil, from: worker.loop.wallClock)
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
        if let exchange {
            exchange.keepsClient = false
        } else if inbound?.isEmpty ?? true {
            close()
        }
    }

    /// Nanoseconds to the end of a second of the wall clock; about 30 years at most, which no connection lasts.
    private static func nanoseconds(untilEndOf lastSecond: Int64, from wallClock: Int64) -> UInt64 {
        let (seconds, fraction) = wallClock.quotientAndRemainder(dividingBy: 1_000_000_000)
        let difference = lastSecond.subtractingReportingOverflow(seconds - 1)
        guard !difference.overflow, difference.partialValue > 0 else { return 0 }
        return UInt64(min(difference.partialValue, 1_000_000_000) * 1_000_000_000 - fraction)
    }

    private static let announcement = Duration.seconds(5)
}
