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

    var destinations: [Key: Destination] = [:]
    /// Connections whose caller is being looked up, and requests whose host is being resolved, by a number of their own.
    var identifying: [UInt64: ClientConnection] = [:]
    var resolving: [UInt64: Resolution] = [:]
    private var lastNumber: UInt64 = 0

    /// A number that no other look-up of this worker has.
    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// How many ways are kept; workloads decide how many there are.
    static let mostDestinations = 1024
    /// How long a resolved name counts, in nanoseconds.
    static let freshness: UInt64 = 5_000_000_000
}
