import CountersignIdentity
import CountersignIssuance
import CountersignTransport

/// What keeps issuance and revocation apart; see ``IssuanceGate``.
extension AuthorityEngine {
    /// What an issuance depends on.
    func matters(of order: IssuanceOrder, for caller: Caller) -> Set<IssuanceGate.Matter> {
        var matters: Set<IssuanceGate.Matter> = []
        switch order.holder {
        case .service(let name): matters.insert(.service(name))
        case .agent(let agent): matters.insert(.agent(agent.name))
        case .authority: break
        }
        switch caller.identity {
        case .service(let name): matters.insert(.service(name))
        case .agent(let name): matters.insert(.agent(name))
        case .administrator(let name, _):
            if let id = try? SPIFFEID(parsing: name), let service = registry.service(withID: id) {
                matters.insert(.service(service.name))
            }
        case .anonymous, .workload, .key, .local: break
        }
        if let credential = caller.credential { matters.insert(.credential(credential)) }
        if let key = order.key.publicKey { matters.insert(.key(CompromisedKeys.digest(of: key))) }
        return matters
    }

    /// Closes matters, and lets everything be written that passed before; waits, so not for event loops.
    func close(_ matters: Set<IssuanceGate.Matter>, _ closed: inout Set<IssuanceGate.Matter>) throws(AuthorityError) {
        let more = matters.subtracting(closed)
        guard !more.isEmpty else { return }
        gate.close(more)
        closed.formUnion(more)
        do {
            // Transactions are written in the order that they came in: after this one, those before it are there.
            try store.commit(StoreTransaction([]))
        } catch {
            throw AuthorityError(error)
        }
    }

    /// Runs a change that no issuance may come in between of; `body` is given what ends that.
    func closing(
        _ matters: Set<IssuanceGate.Matter>,
        refuse: @escaping @Sendable (AuthorityError) -> Void,
        _ body: @escaping @Sendable (_ reopen: @escaping @Sendable () -> Void) throws(AuthorityError) -> Void
    ) {
        let isQueued = operatorRevoking.run { [self] in
            var closed: Set<IssuanceGate.Matter> = []
            do throws(AuthorityError) {
                try close(matters, &closed)
                try body { [gate, closed] in gate.open(closed) }
            } catch {
                gate.open(closed)
                refuse(error)
            }
        }
        if !isQueued { refuse(AuthorityError.tooManyRevocationsWait) }
    }
}

extension AuthorityError {
    static var tooManyRevocationsWait: AuthorityError {
        AuthorityError(.unavailable, "too many revocations wait already; try again in a second")
    }
}
