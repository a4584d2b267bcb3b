import Synchronization

/// When a rotation of each service's certificates was last asked for; the store has the same.
package final class RotationRequests: Sendable {
    private let times: Mutex<[String: Int64]>

    /// - Parameter stored: Unix seconds by service.
    init(_ stored: [String: Int64]) {
        self.times = Mutex(stored)
    }

    /// When a rotation of this service was last asked for, in Unix seconds.
    package func requestedAt(_ service: String) -> Int64? {
        times.withLock { $0[service] }
    }

    /// The time by which a new request of this service is known: later than every one before.
    func next(of service: String, now: Int64) -> Int64 {
        max(now, (requestedAt(service) ?? 0) + 1)
    }

    /// Takes over a request that the store has.
    func note(_ service: String, at time: Int64) {
        times.withLock { $0[service] = time }
    }
}
