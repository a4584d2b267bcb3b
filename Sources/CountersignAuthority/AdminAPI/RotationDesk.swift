import CountersignIssuance
import Logging
import Synchronization

/// Rotations that operators ask for: this process renews what it provisions, agents are told of the rest.
package final class RotationDesk: Sendable {
    private let engine: AuthorityEngine
    private let feed: RevocationBroadcast
    private let requests = Mutex<[String: Int64]>([:])
    private let provision: Mutex<(@Sendable (String) -> Void)?>

    /// - Parameter provision: renews the certificate that this process keeps for a service.
    package init(engine: AuthorityEngine, feed: RevocationBroadcast, provision: (@Sendable (String) -> Void)? = nil) {
        self.engine = engine
        self.feed = feed
        self.provision = Mutex(provision)
    }

    /// Sets who renews the certificates that this process keeps.
    package func setProvisioner(_ provisioner: @escaping @Sendable (String) -> Void) {
        provision.withLock { $0 = provisioner }
    }

    /// Asks the holder of a service's certificate to renew it now.
    ///
    /// - Returns: when it was asked for, in Unix seconds.
    package func request(_ service: String, by caller: Caller) throws(AuthorityError) -> Int64 {
        let now = engine.clock.now()
        requests.withLock { $0[service] = now }
        engine.audit("certificate.rotate", target: "service/\(service)", by: caller, outcome: .done)
        engine.logger.notice("rotation asked for", metadata: ["service": "\(service)", "caller": "\(caller.name)"])
        feed.tellRotation(of: service)
        provision.withLock { $0 }?(service)
        return now
    }

    /// When a rotation was last asked for, in Unix seconds.
    package func requestedAt(_ service: String) -> Int64? {
        requests.withLock { $0[service] }
    }
}
