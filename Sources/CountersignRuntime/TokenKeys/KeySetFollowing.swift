import CountersignTelemetry
import Logging

/// Has a process follow the key sets of its configuration, from one configuration to the next.
final class KeySetFollowing {
    private let health: HealthState
    private let logger: Logger
    private var followers: [FollowedKeySet.Source: KeySetFollower] = [:]

    init(health: HealthState, logger: Logger) {
        self.health = health
        self.logger = logger
    }

    /// Follows these and no others; what did not change goes on undisturbed.
    ///
    /// - Throws: `SystemError` when no thread can be made.
    func follow(_ sets: [FollowedKeySet]) throws {
        let wanted = Dictionary(grouping: sets, by: \.source).mapValues { $0.map(\.unknown) }
        for (source, follower) in followers where wanted[source] == nil {
            follower.stop()
            followers[source] = nil
            health.remove(Self.healthName(source))
        }
        for (source, unknown) in wanted {
            if let follower = followers[source] {
                follower.heed(unknown)
            } else {
                followers[source] = try KeySetFollower(source, unknown, health: health, logger: logger)
            }
        }
    }

    /// Ends all of it.
    func stop() {
        for follower in followers.values { follower.stop() }
        followers = [:]
    }

    /// The component of health that a key set is.
    static func healthName(_ source: FollowedKeySet.Source) -> String { "token_keys:\(source.url)" }
}
