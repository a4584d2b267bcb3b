import CountersignIdentity
import CountersignTelemetry
import Logging

/// Has a process follow the federated trust domains of its configuration, from one configuration to the next.
final class FederationFollowing {
    private let health: HealthState
    private let logger: Logger
    private var followers: [FederatedDomain: FederationFollower] = [:]

    init(health: HealthState, logger: Logger) {
        self.health = health
        self.logger = logger
    }

    /// Follows these and no others; what did not change goes on undisturbed.
    ///
    /// - Throws: ``SystemError`` when no thread can be made.
    func follow(_ domains: [FederatedDomain]) throws {
        for (domain, follower) in followers where !domains.contains(domain) {
            follower.stop()
            followers[domain] = nil
            if !domains.contains(where: { $0.trustDomain == domain.trustDomain }) {
                health.set("federation:\(domain.trustDomain.name)", .ok)
            }
        }
        for domain in domains where followers[domain] == nil {
            followers[domain] = try FederationFollower(domain, health: health, logger: logger)
        }
    }

    /// Ends all of it.
    func stop() {
        for follower in followers.values { follower.stop() }
        followers = [:]
    }
}
