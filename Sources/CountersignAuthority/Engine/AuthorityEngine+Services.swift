import CountersignIdentity
package import CountersignIssuance
import CountersignPKI
import CountersignTelemetry

extension AuthorityEngine {
    /// Registers a service or replaces its registration; with `isNew`, a name that is taken is refused with `conflict`.
    package func put(
        _ service: ServiceRegistration,
        isNew: Bool,
        by caller: Caller,
        completion: @escaping Completion<ServiceRegistration>
    ) {
        let action = isNew ? "service.create" : "service.update"
        do throws(AuthorityError) {
            _ = try profile(service.profile)
            try reserve(service, isNew: isNew)
        } catch {
            audit(action, target: service.name, by: caller, outcome: .refused, detail: error.message)
            completion(.failure(error))
            return
        }
        let fail: @Sendable (AuthorityError) -> Void = { [self] error in
            update { $0.end(service) }
            completion(.failure(error))
        }
        closing([.service(service.name)], refuse: fail) { [self] reopen in
            change(action, target: service.name, by: caller, [.putService(service)]) { [self] in
                update { registry in
                    registry.end(service)
                    registry.put(service)
                }
                reopen()
                completion(.success(service))
            } failure: { error in
                reopen()
                fail(error)
            }
        }
    }

    /// Checks a registration against all others and keeps its names for it, in one step: of two that come at the same
    /// time with one name, one is refused.
    private func reserve(_ service: ServiceRegistration, isNew: Bool) throws(AuthorityError) {
        let refusal: AuthorityError? = update { registry in
            if let refusal = Self.refusal(of: service, isNew: isNew, in: registry) { return refusal }
            registry.begin(service)
            return nil
        }
        if let refusal { throw refusal }
    }

    private static func refusal(of service: ServiceRegistration, isNew: Bool, in registry: Registry) -> AuthorityError?
    {
        if registry.isPending(service.name) {
            return AuthorityError(.conflict, "the service '\(service.name)' is being registered by another call")
        }
        if let known = registry.services[service.name] {
            if isNew { return AuthorityError(.conflict, "the service '\(service.name)' is registered already") }
            if known.origin != .api { return Self.configured(service.name) }
        }
        return registry.conflict(with: service).map { other in
            AuthorityError(
                .conflict,
                "the service '\(other)' already carries the SPIFFE ID or one of the DNS names of '\(service.name)'"
            )
        }
    }

    /// Removes a service; its certificates stay in force until they end or are revoked.
    package func removeService(_ name: String, by caller: Caller, completion: @escaping Completion<Void>) {
        do throws(AuthorityError) {
            guard try service(name).origin == .api else { throw Self.configured(name) }
            closing([.service(name)], refuse: { completion(.failure($0)) }) { [self] reopen in
                change("service.delete", target: name, by: caller, [.removeService(name: name)]) { [self] in
                    update { $0.remove(service: name) }
                    metrics.expiry.remove(name)
                    reopen()
                    completion(.success(()))
                } failure: { error in
                    reopen()
                    completion(.failure(error))
                }
            }
        } catch {
            audit("service.delete", target: name, by: caller, outcome: .refused, detail: error.message)
            completion(.failure(error))
        }
    }

    /// Commits changes with their line of the audit trail, and goes on with one of the two.
    func change(
        _ action: String,
        target: String,
        by caller: Caller,
        _ changes: [StoreChange],
        detail: String = "",
        success: @escaping @Sendable () -> Void,
        failure: @escaping @Sendable (AuthorityError) -> Void
    ) {
        let askedAt = clock.monotonic()
        let record = auditRecord(action, target: target, by: caller, outcome: .done, detail: detail)
        store.commit(StoreTransaction(changes + [.audit(record)])) { [self] result in
            switch result {
            case .success(let receipt):
                entered(receipt.revocations, by: caller, askedAt: askedAt)
                success()
            case .failure(let error):
                let error = AuthorityError(error)
                let outcome: AuditRecord.Outcome = error.code.isRefusal ? .refused : .failed
                audit(action, target: target, by: caller, outcome: outcome, detail: error.message)
                failure(error)
            }
        }
    }

    private static func configured(_ name: String) -> AuthorityError {
        AuthorityError(.conflict, "the service '\(name)' is in the configuration file and is changed there")
    }
}

extension AuthorityEngine {
    /// The services that a caller may have certificates for, by name; all of them for those who administer.
    package func servicesVisible(to caller: Caller) -> [ServiceRegistration] {
        let registry = self.registry
        let names: [String]
        switch caller.identity {
        case .local, .key, .administrator: names = Array(registry.services.keys)
        case .service(let name): names = [name]
        case .agent(let name): names = registry.agents[name]?.services ?? []
        case .anonymous, .workload: names = []
        }
        return names.sorted().compactMap { registry.services[$0] }
    }
}

extension AuthorityEngine {
    /// Removes an agent and revokes its certificates; they authenticate nobody from then on, whoever joins by its name.
    package func removeAgent(_ name: String, by caller: Caller, completion: @escaping Completion<Void>) {
        guard registry.agents[name] != nil else {
            let error = AuthorityError(.unknownAgent, "no agent '\(name.prefix(128))' has joined")
            audit("agent.delete", target: name, by: caller, outcome: .refused, detail: error.message)
            completion(.failure(error))
            return
        }
        let fail: @Sendable (AuthorityError) -> Void = { [self] error in
            audit("agent.delete", target: name, by: caller, outcome: .failed, detail: error.message)
            completion(.failure(error))
        }
        closing([.agent(name)], refuse: fail) { [self] reopen throws(AuthorityError) in
            let revocations = try revocationChanges(ofAgent: name, reason: .cessationOfOperation, by: caller)
            change("agent.delete", target: name, by: caller, revocations + [.removeAgent(name: name)]) { [self] in
                update { $0.remove(agent: name) }
                reopen()
                completion(.success(()))
            } failure: { error in
                reopen()
                completion(.failure(error))
            }
        }
    }

    /// What revokes all certificates that an agent of that name has: whoever holds one is not, or no longer, that agent.
    func revocationChanges(
        ofAgent name: String,
        reason: RevocationReason,
        by caller: Caller
    ) throws(AuthorityError) -> [StoreChange] {
        let id: String
        do {
            id = try settings.agentID(name).description
        } catch {
            throw AuthorityError(.unknownAgent, "no agent '\(name.prefix(128))' can have joined")
        }
        var changes: [StoreChange] = []
        for state in [CertificateRecord.State.active, .held] {
            let found = try certificates { query in
                query.spiffeID = id
                query.state = state
            }
            changes += found.map { record in
                .revoke(serial: record.serial, reason: reason, date: clock.now(), actor: caller.name)
            }
        }
        return changes
    }
}
