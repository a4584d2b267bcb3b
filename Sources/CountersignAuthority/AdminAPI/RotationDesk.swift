import CountersignIssuance
import Synchronization

/// Rotations that operators ask for: this process renews what it keeps itself, agents are told of the rest.
package final class RotationDesk: Sendable {
    private let engine: AuthorityEngine
    private let feed: RevocationBroadcast
    private let renewal = Mutex<(@Sendable (String) -> Void)?>(nil)

    package init(engine: AuthorityEngine, feed: RevocationBroadcast) {
        self.engine = engine
        self.feed = feed
    }

    /// Sets who renews the certificates that this process keeps; called with a service's name, must not block.
    package func setRenewal(_ renew: @escaping @Sendable (String) -> Void) {
        renewal.withLock { $0 = renew }
    }

    /// Asks the holders of a service's certificates to renew them now; completes with the time of that, in Unix seconds, once
    /// it is durable.
    package func request(
        _ service: String,
        by caller: Caller,
        completion: @escaping AuthorityEngine.Completion<Int64>
    ) {
        engine.requestRotation(of: service, by: caller) { [self] result in
            if case .success = result {
                feed.tellRotation(of: service)
                renewal.withLock { $0 }?(service)
            }
            completion(result)
        }
    }

    /// When a rotation was last asked for, in Unix seconds.
    package func requestedAt(_ service: String) -> Int64? {
        engine.rotations.requestedAt(service)
    }
}
