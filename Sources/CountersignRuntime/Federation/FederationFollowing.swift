import CountersignIdentity
import CountersignTelemetry
import Logging
import Synchronization

/// Has a process follow the federated trust domains of its configuration, from one configuration to the next.
final class FederationFollowing: Sendable {
    /// Takes what a publisher has answered, on a thread of its own.
    typealias Listener = @Sendable (FederatedDomain, FetchedBundle) -> Void

    private let onBundle: Listener?
    private let health: HealthState
    private let logger: Logger
    private let followers = Mutex<[FederatedDomain: FederationFollower]>([:])

    init(health: HealthState, logger: Logger, onBundle: Listener? = nil) {
        self.onBundle = onBundle
        self.health = health
        self.logger = logger
    }

    /// Follows these and no others; what did not change goes on undisturbed.
    ///
    /// - Throws: ``SystemError`` when no thread can be made.
    func follow(_ domains: [FederatedDomain]) throws {
        try followers.withLock { followers in
            for (domain, follower) in followers where !domains.contains(domain) {
                follower.stop()
                followers[domain] = nil
                if !domains.contains(where: { $0.trustDomain == domain.trustDomain }) {
                    health.set("federation:\(domain.trustDomain.name)", .ok)
                }
            }
            for domain in domains where followers[domain] == nil {
                followers[domain] = try FederationFollower(domain, health: health, logger: logger, onBundle: onBundle)
            }
        }
    }

    /// Ends all of it.
    func stop() {
        followers.withLock { followers in
            for follower in followers.values { follower.stop() }
            followers = [:]
        }
    }
}
