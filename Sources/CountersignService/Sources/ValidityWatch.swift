/// Tells when a certificate that should have been renewed nears its end, and when it has ended.
package struct ValidityWatch {
    /// How much of the certificate's life is over.
    package enum Stage: Int, Comparable {
        /// A renewal is due at half, so that there is time left for one.
        case young
        /// A third is left.
        case third
        /// A tenth is left.
        case tenth
        /// Nothing is left.
        case over

        package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    /// Tells each stage once for each certificate, until the task is cancelled.
    func run(_ holder: IdentityHolder) async throws {
        var known = (serial: "", stage: Stage.young)
        while true {
            let (identity, now) = (holder.current, SystemClock.unixSeconds)
            let stage = Self.stage(of: identity, atUnixSeconds: now)
            if known.serial != identity.serialNumber { known = (identity.serialNumber, .young) }
            if stage > known.stage {
                known.stage = stage
                holder.tell(Self.event(for: identity, stage, atUnixSeconds: now))
            }
            let left = Self.seconds(to: stage, of: identity, atUnixSeconds: now)
            // Another certificate, whose life is shorter, may come meanwhile.
            try await Task.sleep(for: .seconds(min(Self.interval, max(1, left))))
        }
    }

    /// The stage at a moment in Unix seconds.
    package static func stage(of identity: WorkloadIdentity, atUnixSeconds now: Int64) -> Stage {
        if now > identity.notAfter { return .over }
        if now >= identity.moment(fraction: 10) { return .tenth }
        return now >= identity.moment(fraction: 3) ? .third : .young
    }

    private static func event(
        for identity: WorkloadIdentity,
        _ stage: Stage,
        atUnixSeconds now: Int64
    ) -> IdentityEvent {
        guard stage != .over else { return .expired(identity) }
        return .expiring(identity, remainingSeconds: identity.remainingSeconds(atUnixSeconds: now))
    }

    /// How long the stage lasts.
    private static func seconds(to stage: Stage, of identity: WorkloadIdentity, atUnixSeconds now: Int64) -> Int64 {
        switch stage {
        case .young: identity.moment(fraction: 3) - now
        case .third: identity.moment(fraction: 10) - now
        case .tenth: identity.notAfter + 1 - now
        case .over: interval
        }
    }

    /// How often the identity is looked at, in seconds.
    private static let interval: Int64 = 30
}

extension WorkloadIdentity {
    /// The moment at which that part of the lifetime is left, in Unix seconds.
    fileprivate func moment(fraction: Int64) -> Int64 { notAfter - (notAfter - notBefore) / fraction }
}
