import CountersignIssuance
import CountersignPKI
import Logging

extension AgentCore {
    /// Asks for a certificate, or writes the one that has come and could not be written.
    func request(_ identity: ManagedIdentity, at now: Int64) {
        if let unwritten = identity.unwritten, now < unwritten.validity.end,
            !isSpoilt(unwritten, for: identity)
        {
            adopt(unwritten, for: identity, at: now)
        } else if identity === own {
            requestOwn(at: now)
        } else if canCall {
            ask(for: identity) { [client, name = identity.name] request throws(AuthorityCallError) in
                try client.sign(service: name, request: request)
            }
        } else {
            // The agent's own failures are told already.
            identity.problem = AuthorityCallError(.local, "the agent has no valid certificate of its own to ask with")
            act(on: identity, .failed(retryAfter: nil), at: now)
        }
    }

    /// Renews the agent's own certificate by itself, or joins with a token when there is none that would be accepted.
    private func requestOwn(at now: Int64) {
        shownToken = nil
        do throws(AuthorityCallError) {
            // A certificate that is refused, such as one of an agent that was removed, is given up for a new token.
            let isAccepted = canCall && !(own.problem?.isRefusal ?? false)
            let ticket = isAccepted ? nil : try settings.joinTicket()
            foundToken = ticket?.token
            if let ticket, ticket.token != refusedToken {
                try join(with: ticket)
            } else if canCall {
                ask(for: own) { [client] request throws(AuthorityCallError) in try client.renew(request: request) }
            } else {
                throw AuthorityCallError(.local, trust.store == nil ? adviceToTrust : adviceToJoin)
            }
        } catch {
            fail(own, error, at: now)
        }
    }

    /// Renews the certificate of a service before its time, unless the one in place was issued for that rotation.
    func rotate(_ wanted: WantedRotation, at now: Int64) {
        guard let identity = services.first(where: { $0.name == wanted.service }) else { return }
        if let requestedAt = wanted.requestedAt {
            // Without a certificate, the first is asked for anyway.
            guard let held = identity.held, held.note.rotation != requestedAt else { return }
        }
        surroundings.logger.info("rotation is wanted", metadata: ["service": .string(wanted.service)])
        identity.isRotationPutOff = identity.isOnHold(at: now)
        act(on: identity, .demanded, at: now)
    }

    /// Tries at once when there is another join token than before.
    func takeJoinTicket(at now: Int64) {
        guard let ticket = try? settings.joinTicket(), ticket.token != foundToken else { return }
        act(on: own, .unblocked, at: now)
    }

    private func join(with ticket: JoinTicket) throws(AuthorityCallError) {
        if let authorities = ticket.authorities {
            do {
                try trust.pin(authorities)
            } catch {
                throw AuthorityCallError(.local, "the authorities beside the join token cannot be used: \(error)")
            }
            try useAccess()
        }
        guard trust.store != nil else { throw AuthorityCallError(.local, adviceToTrust) }
        shownToken = ticket.token
        ask(for: own) { [client] request throws(AuthorityCallError) in
            try client.join(ticket.token, request: request)
        }
    }

    private func ask(
        for identity: ManagedIdentity,
        isKeyKept: Bool = false,
        _ call: @escaping @Sendable (String) throws(AuthorityCallError) -> AuthorityAnswer
    ) {
        let request = IdentityRequest(
            key: isKeyKept ? identity.held.map { .kept($0) } ?? .new : keyChoice(for: identity),
            keyKind: settings.keyKind,
            clock: surroundings.clock
        )
        let name = identity.name
        worker.run(.authority) { .answered(name: name, request.obtain(call)) }
    }

    /// Asks once more for the certificate of a service whose answer is of no use.
    ///
    /// - Parameter keepingKey: whether it is for the key that the service has, in any case.
    func askAgain(for identity: ManagedIdentity, keepingKey: Bool = false) {
        ask(for: identity, isKeyKept: keepingKey) { [client, name = identity.name] request throws(AuthorityCallError) in
            try client.sign(service: name, request: request)
        }
    }

    /// Whether a renewal keeps the key.
    ///
    /// As long as a service's key is the same, a reader that opens certificate and key one after the other cannot get a
    /// pair that does not match. The agent reads its own pair at once, and has a new key each time.
    private func keyChoice(for identity: ManagedIdentity) -> IdentityRequest.KeyChoice {
        guard identity !== own, let held = identity.held, !identity.hasRevokedKey(held) else { return .new }
        let age = surroundings.clock() - held.note.keyMadeAt
        if age < settings.keyLifetime { return .kept(held) }
        if age / 2 >= settings.keyLifetime { return .new }
        return .newUnlessRead(held, folder: "\(directory.path)/\(identity.name)", quietTime: settings.quietTime)
    }

    private var adviceToTrust: String {
        "there is nothing to recognize the authority by: name its root certificate in agent.ca_certs, or put it behind "
            + "the join token"
    }

    private var adviceToJoin: String {
        let how = "make a join token for this agent at the authority and put it into \(settings.joinTokenPlace)"
        if let held = own.held {
            let end = CalendarTime(unixSeconds: held.leaf.notAfter).rfc3339
            return "the agent's own certificate expired at \(end), and it has to join again: \(how)"
        }
        if refusedToken != nil { return "the authority refuses the join token: \(how)" }
        return "the agent has not joined yet: \(how)"
    }
}
