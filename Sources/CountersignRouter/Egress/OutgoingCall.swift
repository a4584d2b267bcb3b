import CountersignIdentity
import CountersignPolicy

/// Where a request of a local workload goes.
final class OutgoingCall {
    let workload: LocalWorkload
    let host: HostName
    let port: UInt16
    let kind: OutgoingRules.Kind
    let way: OutgoingRules.Way
    let permit: Permit
    /// The look-up of the host's addresses that the request waits for; 0 for none.
    var lookup: UInt64 = 0

    init(
        _ workload: LocalWorkload,
        to host: HostName,
        port: UInt16,
        _ kind: OutgoingRules.Kind,
        _ way: OutgoingRules.Way,
        _ permit: Permit
    ) {
        self.workload = workload
        self.host = host
        self.port = port
        self.kind = kind
        self.way = way
        self.permit = permit
    }

    /// What requests have in common that share connections.
    var key: OutgoingState.Key {
        OutgoingState.Key(
            workload: ObjectIdentifier(workload),
            host: host.description,
            port: port,
            isTunnel: kind == .tunnel,
            isToRouters: way != .other
        )
    }
}
