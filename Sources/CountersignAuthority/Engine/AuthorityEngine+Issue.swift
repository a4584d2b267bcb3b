import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Crypto
import Logging

extension AuthorityEngine {
    /// Issues what is ordered, if the caller may have it, and records it before it is handed out.
    ///
    /// A refusal is recorded in the audit trail with its reason.
    package func issue(
        _ order: IssuanceOrder,
        for caller: Caller,
        completion: @escaping Completion<Issuance>
    ) {
        whereSigningMayBlock(for: order) { error in
            refuse(order, for: caller, error)
            completion(.failure(error))
        } _: { [self] in
            issueHere(order, for: caller, completion)
        }
    }

    private func issueHere(
        _ order: IssuanceOrder,
        for caller: Caller,
        _ completion: @escaping Completion<Issuance>
    ) {
        do throws(AuthorityError) {
            let issuance = try makeIssuance(order, for: caller)
            gate.pass(matters(of: order, for: caller)) { [self] in
                record(issuance, order, for: caller, completion)
            }
        } catch {
            refuse(order, for: caller, error)
            completion(.failure(error))
        }
    }

    /// Hands an issuance to the store, unless what it depends on has gone since it was begun.
    private func record(
        _ issuance: Issuance,
        _ order: IssuanceOrder,
        for caller: Caller,
        _ completion: @escaping Completion<Issuance>
    ) {
        do throws(AuthorityError) {
            try judge(order, for: caller)
            store.commit(StoreTransaction(recording(issuance, of: order, for: caller))) { [self] result in
                finish(order, issuance, for: caller, result, completion)
            }
        } catch {
            refuse(order, for: caller, error)
            completion(.failure(error))
        }
    }

    /// Refuses what the caller may not have, now.
    private func judge(_ order: IssuanceOrder, for caller: Caller) throws(AuthorityError) {
        if let credential = caller.credential, revocations.entry(serial: credential) != nil {
            throw AuthorityError(.unauthenticated, "the certificate is revoked")
        }
        guard mayOrder(order.holder, caller) else {
            throw AuthorityError(.forbidden, "\(caller.name) may not have certificates for \(order.holder.name)")
        }
        if case .service(let name) = order.holder { _ = try service(name) }
        try refuseForeignKey(of: order)
    }

    /// Makes a certificate without recording it; for transactions that hold more than the record.
    func makeIssuance(_ order: IssuanceOrder, for caller: Caller) throws(AuthorityError) -> Issuance {
        try judge(order, for: caller)
        try checkProfile(of: order, for: caller)
        let limiter = caller.isOperator ? operatorLimiter : issuanceLimiter
        guard limiter.admit(caller.name, at: clock.monotonic()) else {
            throw AuthorityError(.rateLimited, "\(caller.name) asks for certificates too often; try again in a second")
        }
        if case .vetted(let vetted) = order.key, order.holder != .service(vetted.service) {
            throw AuthorityError(.nameNotAllowed, "the request was checked for '\(vetted.service)' alone")
        }
        let holder = try plan(order)
        let now = clock.now()
        // Before the certificate: a rotation that is asked for meanwhile is not fulfilled by it.
        let rotation = holder.service.flatMap { rotations.requestedAt($0) }
        let made = try certify(order, as: holder, now: now)
        let certificate = made.certificate
        let record = CertificateRecord(
            serial: certificate.serialHex,
            service: holder.service,
            profile: holder.profileName,
            subject: holder.profile.subject.rendered(.rfc4514),
            spiffeID: holder.profile.spiffeID?.description,
            names: holder.profile.dnsNames + holder.profile.addresses.map(\.description),
            notBefore: certificate.notBefore,
            notAfter: certificate.notAfter,
            issuedAt: now,
            keyAlgorithm: made.keyAlgorithm,
            issuerKeyID: made.issuerKeyID,
            fingerprint: Hexadecimal.text(of: Array(SHA256.hash(data: certificate.der))),
            der: certificate.der,
            channel: order.channel,
            requester: caller.name
        )
        return Issuance(
            certificate: certificate,
            key: made.key,
            renewal: holder.renewal,
            record: record,
            rotation: rotation
        )
    }

    /// Refuses a key that is not its holder's alone: an authority's, or one that was reported compromised.
    private func refuseForeignKey(of order: IssuanceOrder) throws(AuthorityError) {
        guard let key = order.key.publicKey else { return }
        if let owner = issuer.owner(ofKey: key) {
            throw AuthorityError(
                .weakKey,
                "the key of the request is that of \(owner.label), which signs certificates; make a new key"
            )
        }
        guard compromisedKeys.contains(key) else { return }
        throw AuthorityError(
            .weakKey,
            "the key of the request was reported compromised: a certificate for it was revoked for that; make a new key"
        )
    }

    private func finish(
        _ order: IssuanceOrder,
        _ issuance: Issuance,
        for caller: Caller,
        _ result: Result<StoreReceipt, StoreError>,
        _ completion: Completion<Issuance>
    ) {
        switch result {
        case .success:
            metrics.countIssuance(order.channel, .success)
            if let service = issuance.record.service {
                metrics.setExpiry(of: service, at: issuance.record.notAfter)
            }
            logger.debug(
                "certificate issued",
                metadata: ["serial": "\(issuance.record.serial)", "holder": "\(order.holder.name)"]
            )
            completion(.success(issuance))
        case .failure(let error):
            metrics.countIssuance(order.channel, .failure)
            logger.error(
                "a certificate could not be recorded and is not handed out",
                metadata: ["holder": "\(order.holder.name)", "reason": "\(error)"]
            )
            completion(.failure(AuthorityError(error)))
        }
    }

    func refuse(_ order: IssuanceOrder, for caller: Caller, _ error: AuthorityError) {
        metrics.countIssuance(order.channel, AuthorityMetrics.Outcome(error))
        logger.warning(
            "certificate refused",
            metadata: [
                "caller": "\(caller.name)", "holder": "\(order.holder.name)", "code": "\(error.code.rawValue)",
                "reason": "\(error.message)",
            ]
        )
        let outcome: AuditRecord.Outcome = error.code.isRefusal ? .refused : .failed
        audit("certificate.issue", target: order.holder.name, by: caller, outcome: outcome, detail: error.message)
    }

    private func mayOrder(_ holder: IssuanceOrder.Holder, _ caller: Caller) -> Bool {
        switch caller.identity {
        case .local: true
        case .key: holder != .authority && administrativeRole(of: holder) == nil
        case .administrator(_, let role):
            holder != .authority && (role == .admin || role == .operator && administrativeRole(of: holder) != .admin)
        case .service(let name): holder == .service(name)
        case .agent(let name): mayOrder(holder, agent: name)
        case .anonymous, .workload: false
        }
    }

    /// The profile is part of a registration: how long a certificate lives is not for its holder to choose.
    private func checkProfile(of order: IssuanceOrder, for caller: Caller) throws(AuthorityError) {
        guard case .service(let name) = order.holder, let wanted = order.profile, !caller.isOperator else { return }
        _ = try profile(wanted)
        guard try service(name).profile == wanted else {
            throw AuthorityError(.forbidden, "'\(name)' is registered with another profile than '\(wanted)'")
        }
    }

    /// The role that a certificate for the holder would give: nobody gets more by it than they have.
    func administrativeRole(of holder: IssuanceOrder.Holder) -> AdminRole? {
        guard case .service(let name) = holder, let service = registry.services[name] else { return nil }
        return settings.administrators[service.spiffeID]
    }

    private func mayOrder(_ holder: IssuanceOrder.Holder, agent name: String) -> Bool {
        guard let agent = registry.agents[name] else { return false }
        switch holder {
        case .service(let service): return agent.services.contains(service)
        case .agent(let other): return other.name == name
        case .authority: return false
        }
    }
}

extension IssuanceOrder.Holder {
    /// How logs and the audit trail name the holder.
    var name: String {
        switch self {
        case .service(let name): "service/\(name.prefix(128))"
        case .agent(let agent): "agent/\(agent.name)"
        case .authority: "authority"
        }
    }
}

extension IssuanceOrder.Key {
    /// The key that somebody else has made; nil for one that is yet to be made.
    var publicKey: SubjectPublicKey? {
        switch self {
        case .generated: nil
        case .request(let request): request.publicKey
        case .vetted(let vetted): vetted.request.publicKey
        }
    }
}
