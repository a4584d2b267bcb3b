import CountersignGRPC
import CountersignGRPCServer
import CountersignIdentity
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload
import Logging
import Synchronization

/// An identity of a caller: the service that it is, and what the agent has for it.
struct GrantedIdentity: Sendable {
    let service: String
    let id: SPIFFEID
    let held: HeldIdentity
}

extension WorkloadService {
    /// Lets a call in that has the security header and is not one too many; everything else is refused here.
    ///
    /// Whoever lets one in calls ``leave(_:)`` when it has ended.
    ///
    /// - Returns: who is calling; nil when the call was ended.
    func admit(_ call: GRPCCall, _ method: String) -> GRPCLocalPeer? {
        guard call.head.values(WorkloadMethod.securityField) == ["true"] else {
            refuse(call, method, GRPCStatus(.invalidArgument, "security header missing from request"))
            return nil
        }
        return count(call, method)
    }

    /// Lets a call in that tells nothing of identities: whoever asks what there is to call need not say more.
    func admitAnybody(_ call: GRPCCall) -> Bool {
        let method = "ServerReflectionInfo"
        guard let account = count(call, method)?.account else { return false }
        let isAllowed = state.withLock { state in
            let isAllowed = state.reflections[account, default: 0] < Self.maximumReflectionsPerAccount
            state.reflections[account, default: 0] += 1
            return isAllowed
        }
        call.whenEnded { [weak self] in self?.leaveReflection(account) }
        if !isAllowed { refuse(call, method, GRPCStatus(.resourceExhausted, "too many calls of one user")) }
        return isAllowed
    }

    private func leaveReflection(_ account: GRPCAccount) {
        state.withLock { state in
            let left = state.reflections[account, default: 1] - 1
            state.reflections[account] = left > 0 ? left : nil
        }
        leave(account)
    }

    /// Counts a call for its account, unless it is one too many.
    private func count(_ call: GRPCCall, _ method: String) -> GRPCLocalPeer? {
        guard case .local(let peer) = call.peer else {
            refuse(call, method, GRPCStatus(.permissionDenied, "no identity issued"))
            return nil
        }
        let account = peer.account
        let isAllowed = state.withLock { state in
            guard state.calls[account, default: 0] < Self.maximumCallsPerAccount else { return false }
            state.calls[account, default: 0] += 1
            return true
        }
        guard isAllowed else {
            refuse(call, method, GRPCStatus(.resourceExhausted, "too many calls of one user"))
            return nil
        }
        return peer
    }

    /// A call of that account is over.
    func leave(_ account: GRPCAccount) {
        state.withLock { state in
            let left = state.calls[account, default: 1] - 1
            state.calls[account] = left > 0 ? left : nil
        }
    }

    /// Ends a call, and counts it.
    func refuse(_ call: GRPCCall, _ method: String, _ status: GRPCStatus) {
        metrics.requests.child(method, status.code.label).add()
        call.finish(status)
    }

    /// Ends a call of a method that is there by name alone, for callers that say the header as for all others.
    func refuseWIT(_ call: GRPCCall) {
        let method = call.head.path.split(separator: "/").last.map { String($0) } ?? ""
        guard let peer = admit(call, method) else { return }
        leave(peer.account)
        refuse(call, method, GRPCStatus(.unimplemented, "WIT-SVIDs are not issued"))
    }

    /// The identities of a caller, its default one first.
    ///
    /// - Throws: `GRPCStatus`: PERMISSION_DENIED when it has none, UNAVAILABLE when it will have one.
    func identities(
        of peer: GRPCLocalPeer
    ) throws(GRPCStatus) -> (granted: [GrantedIdentity], holdings: WorkloadHoldings) {
        let (rules, holdings) = state.withLock { ($0.rules, $0.holdings) }
        let services = try services(of: peer, rules)
        guard let holdings else { throw GRPCStatus(.unavailable, "the agent has just been started") }
        var granted: [GrantedIdentity] = []
        var isPending = false
        for service in services {
            switch holdings.services[service] {
            case .held(let held):
                // An identity by another name than a SPIFFE ID has no place in this API.
                if let id = held.spiffeID { granted.append(GrantedIdentity(service: service, id: id, held: held)) }
            // Rules come into force before the agent has heard of a service that they are the first to name.
            case .pending, nil: isPending = true
            case .withdrawn: break
            }
        }
        guard granted.isEmpty else { return (granted, holdings) }
        throw isPending
            ? GRPCStatus(.unavailable, "the identity is not there yet")
            : GRPCStatus(.permissionDenied, "no identity issued")
    }

    private func services(of peer: GRPCLocalPeer, _ rules: [WorkloadRule]) throws(GRPCStatus) -> [String] {
        guard let evidence = inspector.inspect(peer) else {
            tell("process_gone", peer, nil)
            throw GRPCStatus(.permissionDenied, "no identity issued")
        }
        let services = rules.services(for: evidence)
        guard services.isEmpty else { return services }
        tell("no_rule", peer, evidence)
        throw GRPCStatus(.permissionDenied, "no identity issued")
    }

    private func tell(_ reason: String, _ peer: GRPCLocalPeer, _ evidence: WorkloadEvidence?) {
        metrics.refusals.child(reason).add()
        let user = peer.credentials.userID
        guard let silent = state.withLock({ $0.unserved.note(user, reason, at: Self.milliseconds) }) else { return }
        logger.info(
            "workload is not known",
            metadata: [
                "reason": .string(reason),
                "pid": .stringConvertible(peer.credentials.processID),
                "uid": .stringConvertible(user),
                "gid": .stringConvertible(peer.credentials.groupID),
                "path": .string(evidence?.path.map { PrintableText.escaped($0) } ?? ""),
                "not_logged": .stringConvertible(silent),
            ]
        )
    }
}

extension GRPCStatus.Code {
    /// The code as a metric's label.
    var label: String {
        switch self {
        case .ok: "ok"
        case .invalidArgument: "invalid_argument"
        case .permissionDenied: "permission_denied"
        case .unavailable: "unavailable"
        case .resourceExhausted: "resource_exhausted"
        case .unimplemented: "unimplemented"
        default: "other"
        }
    }
}
