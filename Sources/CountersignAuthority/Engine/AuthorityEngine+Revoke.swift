package import CountersignIssuance
package import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging

/// What is to be revoked, and how.
package struct RevocationOrder: Sendable, Hashable {
    /// Which certificates.
    package var target: Target
    /// Why; `certificateHold` suspends, `removeFromCRL` releases from hold.
    package var reason: RevocationReason

    /// Which certificates are meant.
    package enum Target: Sendable, Hashable {
        /// The one with this serial number, in lower-case hexadecimal.
        case serial(String)
        /// Every certificate of this service that is in force.
        case service(String)
    }

    package init(_ target: Target, reason: RevocationReason) {
        self.target = target
        self.reason = reason
    }
}

extension AuthorityEngine {
    /// Revokes, holds or releases; done when the change is durable and everybody who listens was told.
    ///
    /// Where a service is named, all of its certificates in force are meant; where the reason says that a private key is
    /// in other hands, all of the same holder with that key, as renewals may keep a key. No issuance comes in between:
    /// one that is under way is found here, or judged again afterwards.
    ///
    /// A `replacement` is issued in the same transaction: both happen or neither.
    package func revoke(
        _ order: RevocationOrder,
        by caller: Caller,
        replacement: IssuanceOrder? = nil,
        completion: @escaping Completion<(events: [RevocationEvent], replacement: Issuance?)>
    ) {
        let askedAt = clock.monotonic()
        let fail: @Sendable (AuthorityError) -> Void = { [self] error in
            refuseRevocation(order.target.name, by: caller, error)
            completion(.failure(error))
        }
        do throws(AuthorityError) {
            try admit(order, caller)
        } catch {
            return fail(error)
        }
        let run: @Sendable (Issuance?) -> Void = { [self] issuance in
            let isQueued = (caller.isOperator ? operatorRevoking : revoking).run { [self] in
                revokeHere(order, by: caller, issuance, askedAt: askedAt, completion)
            }
            if !isQueued { fail(AuthorityError.tooManyRevocationsWait) }
        }
        guard let replacement else { return run(nil) }
        whereSigningMayBlock(for: replacement, refuse: fail) { [self] in
            do throws(AuthorityError) {
                run(try makeIssuance(replacement, for: caller))
            } catch {
                fail(error)
            }
        }
    }

    /// Works out what an order is about, and has it recorded; not for event loops.
    private func revokeHere(
        _ order: RevocationOrder,
        by caller: Caller,
        _ replacement: Issuance?,
        askedAt: UInt64,
        _ completion: @escaping Completion<(events: [RevocationEvent], replacement: Issuance?)>
    ) {
        let target = order.target.name
        var closed: Set<IssuanceGate.Matter> = []
        do throws(AuthorityError) {
            let (records, keys) = try certificates(of: order, closing: &closed)
            var changes = records.map { record in
                StoreChange.revoke(serial: record.serial, reason: order.reason, date: clock.now(), actor: caller.name)
            }
            changes += keys.map(StoreChange.compromiseKey)
            if let replacement { changes.append(.issue(replacement.record)) }
            let detail = "\(order.reason.name), \(records.count) certificates"
            changes.append(
                .audit(auditRecord("certificate.revoke", target: target, by: caller, outcome: .done, detail: detail))
            )
            store.commit(StoreTransaction(changes)) { [self, closed] result in
                switch result {
                case .success(let receipt):
                    compromisedKeys.enter(keys)
                    entered(receipt.revocations, by: caller, askedAt: askedAt)
                    gate.open(closed)
                    measureExpiries(of: Set(records.compactMap(\.service)))
                    completion(.success((receipt.revocations, replacement)))
                case .failure(let error):
                    gate.open(closed)
                    refuseRevocation(target, by: caller, AuthorityError(error))
                    completion(.failure(AuthorityError(error)))
                }
            }
        } catch {
            gate.open(closed)
            refuseRevocation(target, by: caller, error)
            completion(.failure(error))
        }
    }

    /// Tells everybody who listens what was revoked.
    func entered(_ events: [RevocationEvent], by caller: Caller, askedAt: UInt64) {
        revocations.enter(events, askedAt: askedAt)
        passOn(events)
        for event in events {
            metrics.revocations.child(event.reason.name).add()
            logger.notice(
                "certificate revoked",
                metadata: [
                    "serial": "\(event.serial)", "reason": "\(event.reason.name)", "caller": "\(caller.name)",
                ]
            )
        }
    }

    private func refuseRevocation(_ target: String, by caller: Caller, _ error: AuthorityError) {
        let outcome: AuditRecord.Outcome = error.code.isRefusal ? .refused : .failed
        audit("certificate.revoke", target: target, by: caller, outcome: outcome, detail: error.message)
    }

    /// Refuses an order that the caller may not give, before anything is done for it.
    private func admit(_ order: RevocationOrder, _ caller: Caller) throws(AuthorityError) {
        // Whoever is suspected could clear itself with another of its certificates.
        guard order.reason != .removeFromCRL || caller.isOperator else {
            throw AuthorityError(.forbidden, "\(caller.name) may not release from hold; operators may")
        }
        switch order.target {
        case .serial(let serial):
            guard mayRevoke(try certificate(serial: serial), caller) else {
                throw AuthorityError(.forbidden, "\(caller.name) may not revoke this certificate")
            }
        case .service(let name):
            guard caller.isOperator || caller.identity == .service(name) else {
                throw AuthorityError(.forbidden, "\(caller.name) may not revoke the certificates of '\(name)'")
            }
        }
        guard caller.isOperator || issuanceLimiter.admit(caller.name, at: clock.monotonic()) else {
            throw AuthorityError(.rateLimited, "\(caller.name) revokes too often; try again in a second")
        }
    }

    /// The certificates that an order is about, and their keys where it says that these are in other hands.
    ///
    /// What they depend on is closed first, and everything that was on its way into the store is there before they are
    /// read. The caller opens what is in `closed` then.
    private func certificates(
        of order: RevocationOrder,
        closing closed: inout Set<IssuanceGate.Matter>
    ) throws(AuthorityError) -> (records: [CertificateRecord], keys: Set<CompromisedKeys.Digest>) {
        let named: [CertificateRecord]
        switch order.target {
        case .serial(let serial):
            named = [try certificate(serial: serial)]
            try close([.credential(serial)], &closed)
        case .service(let name):
            try close([.service(name)], &closed)
            let isRelease = order.reason == .removeFromCRL
            named = try certificates { query in
                query.service = name
                query.state = isRelease ? .held : .active
            }
            guard !named.isEmpty else {
                let state = isRelease ? "on hold" : "in force"
                throw AuthorityError(.unknownCertificate, "the service '\(name)' has no certificate \(state)")
            }
        }
        guard order.reason.meansCompromise else { return (named, []) }
        let keys = named.compactMap { try? ParsedCertificate(der: $0.der).publicKey }
        let digests = Set(keys.map(CompromisedKeys.digest(of:)))
        try close(Set(digests.map(IssuanceGate.Matter.key)), &closed)
        guard case .serial = order.target, let holder = named.first, let key = keys.first else {
            return (named, digests)
        }
        return (named + (try siblings(of: holder, key)), digests)
    }

    /// The other certificates in force, or on hold, of the same holder with the same key.
    private func siblings(
        of record: CertificateRecord,
        _ key: SubjectPublicKey
    ) throws(AuthorityError) -> [CertificateRecord] {
        guard record.service != nil || record.spiffeID != nil else { return [] }
        var found: [CertificateRecord] = []
        for state in [CertificateRecord.State.active, .held] {
            found += try certificates { query in
                query.service = record.service
                query.spiffeID = record.service == nil ? record.spiffeID : nil
                query.publicKey = key.derEncoded
                query.state = state
            }
        }
        return found.filter { $0.serial != record.serial }
    }

    /// The certificate with that serial number.
    ///
    /// - Throws: ``AuthorityError`` with `unknownCertificate` or `unavailable`.
    package func certificate(serial: String) throws(AuthorityError) -> CertificateRecord {
        let record: CertificateRecord?
        do {
            record = try store.certificate(serial: serial)
        } catch {
            throw AuthorityError(error)
        }
        guard let record else {
            throw AuthorityError(.unknownCertificate, "no certificate with the serial number '\(serial.prefix(64))'")
        }
        return record
    }

    /// Every certificate that a query finds; waits, so not for event loops.
    func certificates(_ choose: (inout CertificateQuery) -> Void) throws(AuthorityError) -> [CertificateRecord] {
        var records: [CertificateRecord] = []
        var query = CertificateQuery(now: clock.now(), limit: 1000)
        choose(&query)
        do {
            repeat {
                let page = try store.certificates(query)
                records += page.elements
                query.cursor = page.next
            } while query.cursor != nil
        } catch {
            throw AuthorityError(error)
        }
        return records
    }

    private func mayRevoke(_ record: CertificateRecord, _ caller: Caller) -> Bool {
        if caller.isOperator { return true }
        if case .service(let name) = caller.identity { return record.service == name }
        return false
    }
}

extension Caller {
    /// Whether the caller may rotate and revoke what belongs to others.
    package var isOperator: Bool {
        switch identity {
        case .local, .key: true
        case .administrator(_, let role): role == .admin || role == .operator
        case .anonymous, .workload, .service, .agent: false
        }
    }
}

extension RevocationOrder.Target {
    /// How the audit trail names the target.
    var name: String {
        switch self {
        case .serial(let serial): "certificate/\(serial.prefix(64))"
        case .service(let name): "service/\(name.prefix(128))"
        }
    }
}
