package import CountersignIssuance
package import CountersignPKI
import CountersignTelemetry

extension AuthorityEngine {
    /// Makes a join token or a bearer token; the secret is in the answer, and nowhere else.
    ///
    /// One of the same name that was used or has expired is replaced; one that is still good is a `conflict`.
    package func makeToken(
        name: String,
        kind: AccessToken.Kind,
        lifetimeSeconds: Int64?,
        by caller: Caller,
        completion: @escaping Completion<(token: AccessToken, secret: TokenSecret)>
    ) {
        let prefix = if case .join = kind { "csj" } else { "csb" }
        let secret = TokenSecret.random(prefix: prefix)
        let now = clock.now()
        let token = AccessToken(
            name: name,
            kind: kind,
            digest: secret.digest,
            createdAt: now,
            expiresAt: lifetimeSeconds.map { now + $0 },
            creator: caller.name
        )
        change("token.create", target: name, by: caller, [.addToken(token)], detail: replacing(name)) {
            completion(.success((token, secret)))
        } failure: {
            completion(.failure($0))
        }
    }

    /// What the audit trail says of a token that a new one takes the name of.
    private func replacing(_ name: String) -> String {
        // What cannot be read now cannot be written either.
        guard let known = (try? store.tokens())?.first(where: { $0.name == name }) else { return "" }
        if known.usedAt != nil { return "in the place of one that was used" }
        return isCurrent(known) ? "" : "in the place of one that had expired"
    }

    /// Removes a token; the last that lets somebody administer only with `evenLast`, and otherwise with `conflict`.
    package func removeToken(
        _ name: String,
        evenLast: Bool = false,
        by caller: Caller,
        completion: @escaping Completion<Void>
    ) {
        do throws(AuthorityError) {
            if !evenLast { try refuseLastAdministrator(name) }
        } catch {
            let outcome: AuditRecord.Outcome = error.code.isRefusal ? .refused : .failed
            audit("token.delete", target: name, by: caller, outcome: outcome, detail: error.message)
            completion(.failure(error))
            return
        }
        change("token.delete", target: name, by: caller, [.removeToken(name: name)]) {
            completion(.success(()))
        } failure: {
            completion(.failure($0))
        }
    }

    /// Refuses the removal of a token after which nobody could make another one.
    private func refuseLastAdministrator(_ name: String) throws(AuthorityError) {
        guard !settings.administrators.values.contains(.admin) else { return }
        let tokens: [AccessToken]
        do {
            tokens = try store.tokens()
        } catch {
            throw AuthorityError(error)
        }
        let administrators = tokens.filter { isCurrent($0) && $0.kind == .bearer(.admin) }.map(\.name)
        guard administrators == [name] else { return }
        throw AuthorityError(
            .conflict,
            "'\(name)' is the last token of the role admin, and nobody could make another one; make one first, or force it"
        )
    }

    /// Admits an agent that shows a join token: the token is used up, the agent is registered, and its certificate is
    /// recorded in one transaction.
    package func join(
        _ secret: TokenSecret,
        _ request: SigningRequest,
        from caller: Caller,
        completion: @escaping Completion<Issuance>
    ) {
        let address = caller.address ?? "local"
        let fail: @Sendable (AuthorityError) -> Void = { [self] error in
            metrics.authenticationFailures.child(error.code.rawValue).add()
            if error.code != .rateLimited {
                audit("agent.join", target: "agent", by: caller, outcome: .refused, detail: error.message)
            }
            completion(.failure(error))
        }
        do throws(AuthorityError) {
            let (agent, token) = try agent(admittedBy: secret, address: address)
            let order = IssuanceOrder(holder: .agent(agent), key: .request(request), channel: .agent)
            let issuance = try makeIssuance(order, for: Caller(.local("join"), address: caller.address))
            closing([.agent(agent.name)], refuse: fail) { [self] reopen throws(AuthorityError) in
                try admit(agent, token, issuance, by: caller, reopen, completion)
            }
        } catch {
            fail(error)
        }
    }

    private func admit(
        _ agent: AgentRegistration,
        _ token: AccessToken,
        _ issuance: Issuance,
        by caller: Caller,
        _ reopen: @escaping @Sendable () -> Void,
        _ completion: @escaping Completion<Issuance>
    ) throws(AuthorityError) {
        // What was issued to the name before may be in anybody's hands by now.
        var changes = try revocationChanges(ofAgent: agent.name, reason: .superseded, by: caller)
        changes += [.useToken(digest: token.digest, date: clock.now()), .putAgent(agent), .issue(issuance.record)]
        change("agent.join", target: agent.name, by: caller, changes) { [self] in
            update { $0.put(agent) }
            reopen()
            metrics.countIssuance(.agent, .success)
            completion(.success(issuance))
        } failure: { error in
            reopen()
            // Removed since it was found to be good: to who shows it, that is no other refusal.
            let isGone = error.code == .unknownToken
            completion(.failure(isGone ? AuthorityError(.invalidToken, "the join token is unknown") : error))
        }
    }

    /// The caller behind a bearer token.
    ///
    /// - Throws: ``AuthorityError`` with `unauthenticated`, `rateLimited` or `unavailable`.
    package func administrator(
        bearing secret: TokenSecret,
        address: String?
    ) throws(AuthorityError) -> Caller {
        if let token = try token(secret), case .bearer(let role) = token.kind, isCurrent(token) {
            return Caller(.administrator(name: "token/\(token.name)", role: role), address: address)
        }
        throw failedAttempt(address, AuthorityError(.unauthenticated, "the bearer token is unknown or has expired"))
    }

    /// Counts a failed authentication against its address.
    ///
    /// Good credentials are never held up by the bad ones of others at the same address: secrets are too long to be
    /// guessed, so what the limit protects is the audit trail and the store.
    ///
    /// - Returns: the error itself, or `rateLimited` once there were too many.
    func failedAttempt(_ address: String?, _ error: AuthorityError) -> AuthorityError {
        let source = address ?? "local"
        guard failureLimiter.admit(source, at: clock.monotonic()) else {
            return AuthorityError(.rateLimited, "too many failed attempts from \(source); try again later")
        }
        return error
    }

    private func agent(
        admittedBy secret: TokenSecret,
        address: String
    ) throws(AuthorityError) -> (AgentRegistration, AccessToken) {
        guard let token = try token(secret), case .join(let name, let services) = token.kind else {
            throw failedAttempt(address, AuthorityError(.invalidToken, "the join token is unknown"))
        }
        guard token.usedAt == nil else {
            let error = AuthorityError(.invalidToken, "the join token was used already; ask for a new one")
            throw failedAttempt(address, error)
        }
        guard isCurrent(token) else {
            throw failedAttempt(address, AuthorityError(.invalidToken, "the join token has expired; ask for a new one"))
        }
        return (AgentRegistration(name: name, services: services, joinedAt: clock.now()), token)
    }

    /// The token with that secret, whether or not it still is good; nil when there is none.
    func token(_ secret: TokenSecret) throws(AuthorityError) -> AccessToken? {
        do {
            return try store.token(digest: secret.digest)
        } catch {
            throw AuthorityError(error)
        }
    }

    private func isCurrent(_ token: AccessToken) -> Bool {
        token.expiresAt.map { clock.now() <= $0 } ?? true
    }
}
