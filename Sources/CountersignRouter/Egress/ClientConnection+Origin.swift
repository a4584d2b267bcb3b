import CountersignTelemetry
import CountersignTransport
import Logging

/// A connection from within this host, whose caller is found out before anything of it is read.
extension ClientConnection {
    /// Begins to find out who opened the connection; what that waits for is not this thread's.
    func identify(by plan: EgressPlan) {
        phase = .identifying
        guard let server = Socket.localAddress(of: descriptor) else {
            abort()
            return
        }
        let number = worker.outgoing.nextNumber()
        worker.outgoing.identifying[number] = self
        let (client, mailbox) = (remote, worker.loop.mailbox)
        let isTaken = plan.work.run {
            let caller = plan.callers.caller(from: client, to: server)
            mailbox.send { ($0.context as? RouterWorker)?.identified(number, caller, plan) }
        }
        if !isTaken { worker.identified(number, .refused(Self.tooMany), plan) }
    }

    private static let tooMany = LocalCallerRefusal(
        "too_many_lookups",
        "too many connections are opened at once; try again"
    )

    /// Serves a connection whose caller is known, or known to be nobody's.
    func startLocal(_ caller: LocalCaller, _ plan: EgressPlan) {
        origin = LocalOrigin(caller: caller)
        phase = .open
        logFragment = ConnectionLogFragment(self, form: worker.logForm)
        limitLifetime()
        guard !worker.isDraining else {
            close()
            return
        }
        idleSince = worker.loop.now
        setRequestDeadline(worker.timeouts.keepAlive)
        readMore()
    }
}

extension RouterWorker {
    /// Takes over who opened a connection, if that is still open.
    func identified(_ number: UInt64, _ caller: LocalCaller, _ plan: EgressPlan) {
        guard let client = outgoing.identifying.removeValue(forKey: number) else { return }
        // The rules have changed meanwhile: it is the new ones that count.
        if let current = snapshot.egress, current !== plan, client.phase == .identifying {
            client.identify(by: current)
            return
        }
        let duration = Int64(clamping: EventLoop.monotonicNanoseconds() &- client.acceptedAt)
        plan.metrics.lookupDuration.observe(nanoseconds: duration, shard: loop.index)
        switch caller {
        case .workload(let workload): plan.metrics.connections.child(workload.name, "known").add()
        case .refused(let refusal):
            plan.metrics.connections.child("", refusal.reason).add()
            if takeRefusalLogTurn() {
                logger.info(
                    "caller refused",
                    metadata: [
                        "reason": .string(refusal.reason),
                        "explanation": .string(refusal.explanation),
                        "remote": .string(client.remote.description),
                    ]
                )
            }
        }
        guard client.phase == .identifying else { return }
        client.startLocal(caller, plan)
    }
}
