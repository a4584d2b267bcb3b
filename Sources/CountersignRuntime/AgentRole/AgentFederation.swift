import CountersignTelemetry
import Logging

/// Gives the workloads of a host the bundles of other trust domains, as their publishers have them.
final class AgentFederation: Sendable {
    private let bundles: WorkloadBundles
    private let following: FederationFollowing

    init(_ workloads: WorkloadAPI, health: HealthState, logger: Logger) {
        let bundles = WorkloadBundles(workloads.service, logger: logger)
        self.bundles = bundles
        self.following = FederationFollowing(health: health, logger: logger) { bundles.take($0, $1) }
    }

    /// Follows these trust domains and no others.
    func follow(_ domains: [FederatedDomain], _ logger: Logger) {
        bundles.begin(with: domains)
        do {
            try following.follow(domains)
        } catch {
            logger.error("federated bundles are not followed", metadata: ["reason": .string("\(error)")])
        }
    }

    /// Ends all of it.
    func stop() {
        following.stop()
    }
}
