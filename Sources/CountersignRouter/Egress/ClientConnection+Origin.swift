import CountersignTelemetry
import CountersignTransport
import Logging

/// A connection from within this host, whose caller is found out before anything of it is read.
///
/// The system says at once which user it is of. One that no rule can fit is refused by that alone; of the others each waits
/// behind its own connections only, until it is known which of its processes calls.
extension ClientConnection {
    /// Begins to find out who opened the connection; what that waits for is not this thread's.
    func identify(by plan: EgressPlan) {
        phase = .identifying
        leaveCallerPlace()
        guard let server = Socket.localAddress(of: descriptor) else {
            abort()
            return
        }
        do throws(LocalCallerRefusal) {
            let owner = try plan.callers.owner(from: remote, to: server)
            identify(owner, at: server, plan)
        } catch {
            refuse(error, of: nil, plan)
        }
    }

    private func identify(_ owner: LocalConnection, at server: SocketAddress, _ plan: EgressPlan) {
        if let refusal = plan.callers.refusal(ofUser: owner.userID) {
            refuse(refusal, of: owner.userID, plan)
            return
        }
        guard takeCallerPlace(.init(userID: owner.userID, kind: .served), limit: plan.connectionsPerUser, plan)
        else {
            refuse(.tooManyConnections, of: owner.userID, plan)
            return
        }
        let number = worker.outgoing.nextNumber()
        worker.outgoing.identifying[number] = self
        let (client, mailbox) = (remote, worker.loop.mailbox)
        let isTaken = plan.work.callers.run(for: owner.userID) {
            let caller = plan.callers.caller(owner, from: client, to: server)
            mailbox.send { ($0.context as? RouterWorker)?.identified(number, caller, plan) }
        }
        guard !isTaken else { return }
        worker.outgoing.identifying[number] = nil
        refuse(.tooManyLookups, of: owner.userID, plan)
    }

    /// Lets the caller ask once, to be told why it is refused, or closes the connection where many wait for that already.
    private func refuse(_ refusal: LocalCallerRefusal, of userID: UInt32?, _ plan: EgressPlan) {
        worker.noteCaller(refusal, of: self, userID, plan)
        leaveCallerPlace()
        let kind: CallerConnections.Account.Kind = plan.isStranger(userID) ? .stranger : .refused
        let account = CallerConnections.Account(userID: userID, kind: kind)
        guard takeCallerPlace(account, limit: CallerConnections.Account.mostRefused, plan) else {
            abort()
            return
        }
        startLocal(.refused(refusal), plan)
    }

    /// It took too long to find out who calls.
    func identificationTimedOut() {
        guard let plan = worker.snapshot.egress else {
            abort()
            return
        }
        refuse(.tooManyLookups, of: callerPlace?.account.userID, plan)
    }

    private func takeCallerPlace(_ account: CallerConnections.Account, limit: Int, _ plan: EgressPlan) -> Bool {
        let strangers = min(
            CallerConnections.Account.mostStrangers,
            max(1, worker.snapshot.limits.maximumConnections / 4)
        )
        guard plan.work.connections.take(account, limit: limit, strangers: strangers) else { return false }
        callerPlace = CallerPlace(connections: plan.work.connections, account: account)
        return true
    }

    /// Gives back the place among the connections of the user.
    func leaveCallerPlace() {
        guard let place = callerPlace else { return }
        callerPlace = nil
        place.connections.give(place.account)
    }

    /// Serves a connection whose caller is known, or known to be nobody's.
    func startLocal(_ caller: LocalCaller, _ plan: EgressPlan) {
        let origin = LocalOrigin(caller: caller)
        self.origin = origin
        phase = .open
        logFragment = ConnectionLogFragment(self, form: worker.logForm)
        limitLifetime()
        guard !worker.isDraining else {
            close()
            return
        }
        idleSince = worker.loop.now
        let keepAlive = worker.timeouts.keepAlive
        setRequestDeadline(origin.workload == nil ? min(keepAlive, Self.refusedTime) : keepAlive)
        readMore()
    }

    /// How long a caller that is refused has to begin the request that is answered with why.
    private static let refusedTime = Duration.seconds(2)
}

extension RouterWorker {
    /// Takes over who opened a connection, if that is still open.
    func identified(_ number: UInt64, _ caller: LocalCaller, _ plan: EgressPlan) {
        guard let client = outgoing.identifying.removeValue(forKey: number), client.phase == .identifying else {
            return
        }
        // The rules have changed meanwhile: it is the new ones that count.
        if let current = snapshot.egress, current !== plan {
            client.identify(by: current)
            return
        }
        let duration = Int64(clamping: EventLoop.monotonicNanoseconds() &- client.acceptedAt)
        plan.metrics.lookupDuration.observe(nanoseconds: duration, shard: loop.index)
        switch caller {
        case .workload(let workload): plan.metrics.connections.child(workload.name, "known").add()
        case .refused(let refusal): noteCaller(refusal, of: client, client.callerPlace?.account.userID, plan)
        }
        client.startLocal(caller, plan)
    }

    /// Counts a caller that is refused, and logs one of each user and reason in a while.
    func noteCaller(_ refusal: LocalCallerRefusal, of client: ClientConnection, _ userID: UInt32?, _ plan: EgressPlan) {
        plan.metrics.connections.child("", refusal.reason).add()
        let isStranger = plan.isStranger(userID)
        guard let silent = plan.work.refusals.note(userID, isStranger: isStranger, refusal.reason) else { return }
        logger.info(
            "caller refused",
            metadata: [
                "reason": .string(refusal.reason),
                "explanation": .string(refusal.explanation),
                "uid": .string(userID.map(String.init) ?? ""),
                "remote": .string(client.remote.description),
                "not_logged": .stringConvertible(silent),
            ]
        )
    }
}
