import CountersignRouting
import CountersignTransport

/// What one worker keeps for calls of local workloads.
struct OutgoingState {
    /// What calls have in common that may share connections: the workload above all.
    struct Key: Hashable {
        let workload: ObjectIdentifier
        let host: String
        let port: UInt16
        let isTunnel: Bool
        let isToRouters: Bool
    }

    /// A way to a host.
    struct Destination {
        let state: RouteState
        /// The workload, so that no other takes its place in memory and by that its key.
        let workload: LocalWorkload
        let addresses: [String]
        /// When its name is to be resolved again, in nanoseconds of the loop; `.max` for never.
        var freshUntil: UInt64
    }

    /// A request whose host is being resolved.
    struct Resolution {
        let exchange: Exchange
        let lookup: NameLookup
    }

    private(set) var destinations: [Key: Destination] = [:]
    /// The ways of each workload, the oldest first.
    private var order: [ObjectIdentifier: [Key]] = [:]
    /// Connections whose caller is being looked up, and requests whose host is being resolved, by a number of their own.
    var identifying: [UInt64: ClientConnection] = [:]
    var resolving: [UInt64: Resolution] = [:]
    private var lastNumber: UInt64 = 0

    /// A number that no other look-up of this worker has.
    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Keeps a way.
    ///
    /// - Returns: the ways that it takes the place of: the one to the same host, or the oldest one of its workload.
    mutating func keep(_ destination: Destination, for key: Key) -> [RouteState] {
        if let replaced = destinations.updateValue(destination, forKey: key) { return [replaced.state] }
        order[key.workload, default: []].append(key)
        guard let keys = order[key.workload], keys.count > Self.mostDestinations, let oldest = keys.first else {
            return []
        }
        order[key.workload]?.removeFirst()
        return destinations.removeValue(forKey: oldest).map { [$0.state] } ?? []
    }

    /// A way that is kept counts for longer.
    mutating func refresh(_ key: Key, until: UInt64) {
        destinations[key]?.freshUntil = until
    }

    /// Lets go of all ways.
    ///
    /// - Returns: what they were.
    mutating func forgetDestinations() -> [RouteState] {
        defer { (destinations, order) = ([:], [:]) }
        return destinations.values.map(\.state)
    }

    /// How many ways are kept for one workload, which decides how many there are.
    static let mostDestinations = 256
    /// How long a resolved name counts, in nanoseconds.
    static let freshness: UInt64 = 5_000_000_000
}
