package import CountersignIdentity
import CountersignTransport
import Synchronization

/// The addresses by which this host reaches itself over its own interfaces: what listens on all addresses is at each of
/// them, as it is on loopback.
///
/// Interfaces come and go, so they are asked for anew when a call is decided upon, at most once a second.
package final class OwnAddresses: Sendable {
    private struct State {
        var addresses: Set<IPAddress> = []
        var freshUntil: UInt64 = 0
    }

    private let list: @Sendable () throws -> [IPAddress]
    private let state = Mutex(State())

    /// Asks the system.
    package convenience init() {
        self.init {
            try InterfaceAddresses.all().compactMap { IPAddress(networkBytes: $0.span) }
        }
    }

    /// - Parameter list: what lists the addresses; does not block. Where it fails, the last ones count.
    package init(_ list: @escaping @Sendable () throws -> [IPAddress]) {
        self.list = list
    }

    /// The addresses of now.
    ///
    /// - Parameter now: in nanoseconds of a clock that only goes forward.
    func all(at now: UInt64) -> Set<IPAddress> {
        state.withLock { state in
            guard state.freshUntil <= now else { return state.addresses }
            if let found = try? list() { state.addresses = Set(found.map(\.unmapped)) }
            state.freshUntil = now &+ Self.freshness
            return state.addresses
        }
    }

    private static let freshness: UInt64 = 1_000_000_000
}
