import CountersignAgent
import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload

/// Finds out which workload opened a connection over loopback.
///
/// The kernel says which user made the client's socket, and which processes hold it. Each of them is looked at as the
/// Workload API looks at its callers; all of them must be the same workload, and the connection must still be the same
/// afterwards. What is not certain is refused.
final class LocalCallers: LocalCallerSource {
    private let rules: [WorkloadRule]
    /// The users that rules name; nil where one names none, and so fits all.
    private let users: Set<UInt32>?
    private let workloads: [String: LocalWorkload]
    private let inspector: ProcessInspector
    private let metrics: EgressMetrics
    private let bounds: SocketHolders.Bounds

    /// - Parameters:
    ///   - rules: which processes are which workload.
    ///   - workloads: the workloads by their names.
    ///   - inspector: looks at programs, and remembers their digests.
    ///   - metrics: where look-ups are counted that did not see everything.
    ///   - bounds: how much one look-up may take.
    init(
        _ rules: [WorkloadRule],
        _ workloads: [String: LocalWorkload],
        _ inspector: ProcessInspector,
        _ metrics: EgressMetrics,
        within bounds: SocketHolders.Bounds = SocketHolders.Bounds()
    ) {
        self.rules = rules
        let named = rules.compactMap(\.userID)
        users = named.count == rules.count ? Set(named) : nil
        self.workloads = workloads
        self.inspector = inspector
        self.metrics = metrics
        self.bounds = bounds
    }

    func owner(from client: SocketAddress, to server: SocketAddress) throws(LocalCallerRefusal) -> LocalConnection {
        do throws(LocalConnection.Fault) {
            return try LocalConnection(from: client, to: server)
        } catch {
            throw Self.refusal(error)
        }
    }

    func refusal(ofUser userID: UInt32) -> LocalCallerRefusal? {
        users?.contains(userID) ?? true
            ? nil : Self.unknown(WorkloadEvidence(userID: userID, groupID: .max, path: nil) { nil })
    }

    func caller(_ owner: LocalConnection, from client: SocketAddress, to server: SocketAddress) -> LocalCaller {
        do throws(LocalCallerRefusal) {
            // Of a connection that has gone while this one waited, nothing is to be found.
            try requireSame(owner, client, server)
            let service = try service(of: owner)
            // All of that was asked by numbers; it is about this caller only if its connection is still the same.
            try requireSame(owner, client, server)
            guard let workload = workloads[service] else { throw Self.gone }
            return .workload(workload)
        } catch {
            return .refused(error)
        }
    }

    private func requireSame(
        _ connection: LocalConnection,
        _ client: SocketAddress,
        _ server: SocketAddress
    ) throws(LocalCallerRefusal) {
        guard try owner(from: client, to: server) == connection else { throw Self.gone }
    }

    /// The service that all processes are which hold the client's socket.
    private func service(of connection: LocalConnection) throws(LocalCallerRefusal) -> String {
        var holders: SocketHolders
        do throws(SocketHolders.Fault) {
            holders = try SocketHolders(ofInode: connection.inode, madeBy: connection.userID, within: bounds)
        } catch {
            throw Self.refusal(error, connection)
        }
        if holders.isPartial { metrics.partialLookups.add() }
        guard holders.holders.count < SocketHolders.most else {
            throw LocalCallerRefusal(
                "ambiguous_caller",
                "\(SocketHolders.most) processes or more hold the connection; let each of them open its own"
            )
        }
        var found: String?
        for holder in holders.holders {
            guard let evidence = try evidence(of: holder, among: &holders, connection) else { continue }
            guard let service = rules.services(for: evidence).first else { throw Self.unknown(evidence) }
            guard found == nil || found == service else {
                throw LocalCallerRefusal(
                    "ambiguous_caller",
                    "processes of more than one workload hold the connection; each workload has to open its own"
                )
            }
            found = service
        }
        if let found { return found }
        guard holders.holders.isEmpty, holders.isIncomplete else { throw Self.gone }
        return try service(ofUser: connection.userID)
    }

    /// What the system says of a process that holds the socket; nil when it does so no longer.
    private func evidence(
        of holder: SocketHolders.Holder,
        among holders: inout SocketHolders,
        _ connection: LocalConnection
    ) throws(LocalCallerRefusal) -> WorkloadEvidence? {
        let processID = holder.processID
        guard let process = ProcessHandle(processID: processID) else { return try unseen() }
        defer { withExtendedLifetime(process) {} }
        guard let credentials = ProcessCredentials(of: processID) else { return try unseen() }
        let peer = LocalPeer(processID: processID, userID: credentials.userID, groupID: credentials.groupID)
        guard let evidence = inspector.inspect(peer, process) else { return try unseen() }
        defer { withExtendedLifetime(evidence) {} }
        let stillHolds: Bool
        do throws(SocketHolders.Fault) {
            stillHolds = try holders.stillHas(holder)
        } catch {
            // Into one that has ended since, nobody may look.
            guard process.isAlive else { return try unseen() }
            throw Self.refusal(error, connection)
        }
        guard stillHolds else { return try unseen() }
        if evidence.path == nil { try requireDescriptor() }
        guard credentials.userID == connection.userID else {
            throw LocalCallerRefusal(
                "ambiguous_caller",
                "the connection was made by uid \(connection.userID) and is held by a process of uid \(credentials.userID); "
                    + "open it after the change of user"
            )
        }
        return evidence
    }

    /// There is nothing to say of a process that has gone.
    private func unseen() throws(LocalCallerRefusal) -> WorkloadEvidence? {
        try requireDescriptor()
        return nil
    }

    /// A process that has gone, and one without a program, look the same where no descriptor is left, which is asked while
    /// those of the look-up are still open.
    private func requireDescriptor() throws(LocalCallerRefusal) {
        guard !DescriptorLimit.isReached else { throw Self.unavailable("no descriptor is left to look") }
    }

    /// The service of a user alone, where this process may not look at the processes of others.
    private func service(ofUser userID: UInt32) throws(LocalCallerRefusal) -> String {
        let evidence = WorkloadEvidence(userID: userID, groupID: .max, path: nil) { nil }
        let ofUser = rules.filter { $0.userID ?? userID == userID }
        guard ofUser.allSatisfy({ $0.groupID == nil && $0.path == nil && $0.sha256 == nil }) else {
            throw LocalCallerRefusal(
                "caller_unseen",
                "the proxy may not look at the processes of uid \(userID), which rules with gid, path or sha256 need; it has "
                    + "to run as root or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
            )
        }
        guard let service = ofUser.services(for: evidence).first else { throw Self.unknown(evidence) }
        return service
    }

    private static func unknown(_ evidence: WorkloadEvidence) -> LocalCallerRefusal {
        let group = evidence.groupID == .max ? "" : ", gid \(evidence.groupID)"
        let program = evidence.path.map { ", program \($0)," } ?? ""
        return LocalCallerRefusal(
            "caller_unknown",
            "a process of uid \(evidence.userID)\(group)\(program) is none of egress.workloads; an entry such as "
                + "{ service: NAME, uid: \(evidence.userID) } would make it one"
        )
    }

    private static let gone = LocalCallerRefusal(
        "caller_gone",
        "the process that opened the connection has ended or handed it on"
    )

    private static func refusal(_ fault: LocalConnection.Fault) -> LocalCallerRefusal {
        switch fault {
        case .absent:
            LocalCallerRefusal(
                "caller_absent",
                "the other end of the connection is no socket of this network namespace, so that nobody can tell whose it is"
            )
        case .notConnected: gone
        case .unavailable(let code):
            unavailable("sock_diag: errno \(code)")
        }
    }

    private static func refusal(_ fault: SocketHolders.Fault, _ connection: LocalConnection) -> LocalCallerRefusal {
        switch fault {
        case .tooMuchOpen:
            LocalCallerRefusal(
                "too_much_open",
                "the processes of uid \(connection.userID) have more files open than are gone through to find out which of "
                    + "them calls (egress.max_lookup_descriptors), or the host has too many processes; close some, or call as another user",
                kind: .overloaded
            )
        case .unavailable(let error):
            unavailable("\(error)")
        }
    }

    /// Nobody can tell at the moment; that says nothing of the caller.
    private static func unavailable(_ cause: String) -> LocalCallerRefusal {
        LocalCallerRefusal(
            "lookup_unavailable",
            "the system does not tell whose connection it is (\(cause)); try again",
            kind: .overloaded
        )
    }
}
