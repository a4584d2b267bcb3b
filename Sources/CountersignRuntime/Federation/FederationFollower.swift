import CountersignIdentity
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging

/// Keeps the bundle file of one federated trust domain what its publisher says, on a thread of its own.
///
/// Only the file changes: whoever trusts the trust domain names it, and takes up what changed as with any other file.
final class FederationFollower: Sendable {
    private let stopped = Completion()
    private let ended = Completion()

    /// Begins at once.
    ///
    /// - Parameters:
    ///   - domain: the trust domain.
    ///   - health: where it is told how it goes.
    ///   - logger: where changes are told.
    ///   - onBundle: takes each answer that is good, on the follower's thread.
    /// - Throws: ``SystemError`` when no thread can be made.
    init(
        _ domain: FederatedDomain,
        health: HealthState,
        logger: Logger,
        onBundle: FederationFollowing.Listener?
    ) throws(SystemError) {
        let work = Work(domain: domain, health: health, logger: logger, onBundle: onBundle)
        let (stopped, ended) = (self.stopped, self.ended)
        try spawn(name: "federation") {
            var work = work
            var pause = Duration.zero
            while !stopped.wait(upTo: pause) { pause = .seconds(work.look()) }
            ended.finish()
        }
    }

    /// Ends the thread after the look at hand; the file stays as it is.
    func stop() {
        stopped.finish()
    }

    /// The thread's state.
    private struct Work: Sendable {
        let domain: FederatedDomain
        let health: HealthState
        let logger: Logger
        let onBundle: FederationFollowing.Listener?
        private let file: BundleFile
        private var schedule: FederationSchedule
        private var lastTrouble: String?

        init(
            domain: FederatedDomain,
            health: HealthState,
            logger: Logger,
            onBundle: FederationFollowing.Listener?
        ) {
            self.onBundle = onBundle
            self.domain = domain
            self.health = health
            self.logger = logger
            self.file = BundleFile(path: domain.bundlePath)
            self.schedule = FederationSchedule(wanted: domain.refreshSeconds)
        }

        /// Asks once; answers the seconds until the next time.
        mutating func look() -> Int64 {
            do throws(BundleError) {
                let former = try file.read()
                let answer = try BundleFetch(domain: domain)
                    .fetch(known: former, now: WallClock.nanoseconds() / 1_000_000_000)
                let bundle = answer.bundle
                let pause = try schedule.took(bundle)
                if try file.update(bundle, from: former) {
                    logger.notice(
                        "federated bundle changed",
                        metadata: [
                            "trust_domain": .string(domain.trustDomain.name), "file": .string(domain.bundlePath),
                            "authorities": .stringConvertible(bundle.authoritiesDER.count),
                        ]
                    )
                }
                onBundle?(domain, answer)
                if lastTrouble != nil { logger.notice("federated bundle is fetched again", metadata: name) }
                lastTrouble = nil
                health.set(healthName, .ok)
                return pause
            } catch {
                tell(error.description)
                return schedule.failed()
            }
        }

        private mutating func tell(_ trouble: String) {
            health.set(healthName, .degraded(reason: trouble))
            guard trouble != lastTrouble else { return }
            lastTrouble = trouble
            var metadata = name
            metadata["reason"] = .string(trouble)
            logger.warning("federated bundle is not fetched", metadata: metadata)
        }

        private var name: Logger.Metadata { ["trust_domain": .string(domain.trustDomain.name)] }
        private var healthName: String { "federation:\(domain.trustDomain.name)" }
    }
}
