import CountersignIssuance
import CountersignPKI

extension AgentCore {
    /// Asks for a certificate, or writes the one that has come and could not be written.
    func request(_ identity: ManagedIdentity, at now: Int64) {
        if let unwritten = identity.unwritten, now < unwritten.validity.end {
            adopt(unwritten, for: identity, at: now)
        } else if identity === own {
            requestOwn(at: now)
        } else if canCall {
            ask(for: identity) { [client, name = identity.name] request throws(AuthorityCallError) in
                try client.sign(service: name, request: request)
            }
        } else {
            fail(identity, AuthorityCallError(.local, "the agent has no valid certificate of its own to ask with"), at: now)
        }
    }

    /// Renews the agent's own certificate by itself, or joins with a token when there is none that would be accepted.
    private func requestOwn(at now: Int64) {
        guard trust.store != nil else {
            let advice = "name the authority's root certificate in agent.ca_certs"
            fail(own, AuthorityCallError(.local, "there is nothing to recognize the authority by: \(advice)"), at: now)
            return
        }
        // A certificate that is refused, such as one of an agent that was removed, is given up for a new token.
        let isAccepted = canCall && !(own.problem?.isRefusal ?? false)
        let token = isAccepted ? nil : settings.joinToken().flatMap { $0 == refusedToken ? nil : $0 }
        isJoining = token != nil
        if let token {
            ask(for: own) { [client] request throws(AuthorityCallError) in try client.join(token, request: request) }
        } else if canCall {
            ask(for: own) { [client] request throws(AuthorityCallError) in try client.renew(request: request) }
        } else {
            fail(own, AuthorityCallError(.local, adviceToJoin), at: now)
        }
    }

    private func ask(
        for identity: ManagedIdentity,
        _ call: @escaping @Sendable (String) throws(AuthorityCallError) -> AuthorityAnswer
    ) {
        let request = IdentityRequest(
            keptKey: keptKey(of: identity),
            keyKind: settings.keyKind,
            clock: surroundings.clock
        )
        let name = identity.name
        worker.run(.authority) { .answered(name: name, request.obtain(call)) }
    }

    /// The key that a service keeps: as long as it is the same, a reader that opens certificate and key one after the
    /// other cannot get a pair that does not match. The agent reads its own pair at once, and has a new key each time.
    private func keptKey(of identity: ManagedIdentity) -> (key: PrivateKey, madeAt: Int64)? {
        guard identity !== own, let held = identity.held else { return nil }
        let age = surroundings.clock() - held.note.keyMadeAt
        guard age < settings.keyLifetime else { return nil }
        return (held.key, held.note.keyMadeAt)
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
