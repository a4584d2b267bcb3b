import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import Logging

/// Has a router follow the authority that its configuration names, from one configuration to the next.
final class RevocationFollowing {
    private let revoked: RevokedCertificates
    private let health: HealthState
    private let logger: Logger
    private let makeSource: @Sendable (RevocationFeed) throws -> any RevocationSource
    private var feed: RevocationFeed?
    private var follower: RevocationFollower?

    /// Takes the rule of the first configuration over, so that it counts before the first connection is accepted.
    init(
        _ feed: RevocationFeed?,
        revoked: RevokedCertificates,
        health: HealthState,
        logger: Logger,
        makeSource: @escaping @Sendable (RevocationFeed) throws -> any RevocationSource
    ) {
        self.revoked = revoked
        self.health = health
        self.logger = logger
        self.makeSource = makeSource
        rule(feed)
    }

    /// Prepares to follow the authority of a configuration, and no other.
    ///
    /// Without one, what is revoked by now stays so until the process ends: a change of the file releases nobody.
    ///
    /// - Returns: what takes effect when it is called.
    /// - Throws: what keeps the connection from being set up; the earlier authority is followed on then. What is returned
    ///   throws only when no thread can be made.
    func prepare(_ next: RevocationFeed?, for router: Router) throws -> () throws -> Void {
        if let next, let feed, follower != nil, next.isSameSource(as: feed) {
            return { [self] in
                rule(next)
                self.feed = next
            }
        }
        let source = try next.map { try makeSource($0) }
        return { [self] in
            // The earlier one has said its last word before the next one begins, so that their words do not mix.
            stop()
            defer {
                rule(next)
                self.feed = next
            }
            follower = try source.map { try begin($0, for: router) }
        }
    }

    private func begin(_ source: any RevocationSource, for router: Router) throws -> RevocationFollower {
        try RevocationFollower(
            source: source,
            sink: RevocationFollower.Sink(
                apply: { router.apply($0, elapsed: $1) },
                confirm: { router.confirmRevocations() }
            ),
            logger: logger
        )
    }

    /// Ends the following; what is revoked by now stays so.
    func stop() {
        follower?.stop()
        follower = nil
    }

    private func rule(_ feed: RevocationFeed?) {
        let now = UInt64(clamping: MonotonicClock.nanoseconds())
        let health = self.health
        let logger = self.logger
        if let rule = feed?.rule {
            revoked.freshness.observe { isStale in Self.tell(isStale, rule, health, logger) }
            if self.feed == nil { health.set("revocations", .ok) }
        } else {
            revoked.freshness.observe { _ in }
            if self.feed != nil { health.set("revocations", .ok) }
        }
        revoked.freshness.set(feed?.rule, now: now)
        revoked.checkFreshness(now: now)
    }

    private static func tell(
        _ isStale: Bool,
        _ rule: RevocationFreshness.Rule,
        _ health: HealthState,
        _ logger: Logger
    ) {
        guard isStale else {
            health.set("revocations", .ok)
            logger.notice("revocations are known up to now")
            return
        }
        let reason = "the authority has not been heard for \(rule.maximumAge), or not at all"
        if rule.refuses {
            health.set("revocations", .failed(reason: "\(reason); clients with certificates are refused"))
        } else {
            health.set("revocations", .degraded(reason: reason))
        }
        logger.warning(
            "revocations are not known",
            metadata: ["reason": .string(reason), "clients_are_refused": .stringConvertible(rule.refuses)]
        )
    }
}
