package import CountersignIssuance
package import CountersignPKI
import CountersignTelemetry
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
    /// A `replacement` is issued in the same transaction: both happen or neither.
    package func revoke(
        _ order: RevocationOrder,
        by caller: Caller,
        replacement: IssuanceOrder? = nil,
        completion: @escaping Completion<(events: [RevocationEvent], replacement: Issuance?)>
    ) {
        let askedAt = clock.monotonic()
        guard let replacement else {
            return revokeHere(order, by: caller, replacement: nil, askedAt: askedAt, completion)
        }
        whereSigningMayBlock(for: replacement) { error in
            refuseRevocation(order.target.name, by: caller, error)
            completion(.failure(error))
        } _: { [self] in
            revokeHere(order, by: caller, replacement: replacement, askedAt: askedAt, completion)
        }
    }

    private func revokeHere(
        _ order: RevocationOrder,
        by caller: Caller,
        replacement: IssuanceOrder?,
        askedAt: UInt64,
        _ completion: @escaping Completion<(events: [RevocationEvent], replacement: Issuance?)>
    ) {
        let target = order.target.name
        do throws(AuthorityError) {
            let (records, keys) = try certificates(of: order, for: caller)
            var changes = records.map { record in
                StoreChange.revoke(serial: record.serial, reason: order.reason, date: clock.now(), actor: caller.name)
            }
            let issuance = try replacement.map { order throws(AuthorityError) in try makeIssuance(order, for: caller) }
            if let issuance { changes.append(.issue(issuance.record)) }
            let detail = "\(order.reason.name), \(records.count) certificates"
            changes.append(
                .audit(auditRecord("certificate.revoke", target: target, by: caller, outcome: .done, detail: detail))
            )
            store.commit(StoreTransaction(changes)) { [self] result in
                switch result {
                case .success(let receipt):
                    compromisedKeys.enter(keys)
                    entered(receipt.revocations, by: caller, askedAt: askedAt)
                    measureExpiries(of: Set(records.compactMap(\.service)))
                    completion(.success((receipt.revocations, issuance)))
                case .failure(let error):
                    refuseRevocation(target, by: caller, AuthorityError(error))
                    completion(.failure(AuthorityError(error)))
                }
            }
        } catch {
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

    /// The certificates that an order is about, and their keys where it says that these are in other hands.
    ///
    /// Such an order is about every certificate of the same holder with one of the keys, as renewals may keep a key.
    private func certificates(
        of order: RevocationOrder,
        for caller: Caller
    ) throws(AuthorityError) -> (records: [CertificateRecord], keys: Set<CompromisedKeys.Digest>) {
        let named = try namedCertificates(of: order, for: caller)
        guard order.reason.meansCompromise else { return (named, []) }
        let keys = Set(named.compactMap(CompromisedKeys.digest(of:)))
        let known = Set(named.map(\.serial))
        guard let holder = named.first else { return (named, keys) }
        var siblings: [CertificateRecord] = []
        for state in [CertificateRecord.State.active, .held] {
            siblings += try certificates(service: holder.service, spiffeID: holder.spiffeID, state).filter { record in
                !known.contains(record.serial) && CompromisedKeys.digest(of: record).map(keys.contains) ?? false
            }
        }
        return (named + siblings, keys)
    }

    private func namedCertificates(
        of order: RevocationOrder,
        for caller: Caller
    ) throws(AuthorityError) -> [CertificateRecord] {
        // Whoever is suspected could clear itself with another of its certificates.
        guard order.reason != .removeFromCRL || caller.isOperator else {
            throw AuthorityError(.forbidden, "\(caller.name) may not release from hold; operators may")
        }
        switch order.target {
        case .serial(let serial):
            let record = try certificate(serial: serial)
            guard mayRevoke(record, caller) else {
                throw AuthorityError(.forbidden, "\(caller.name) may not revoke this certificate")
            }
            return [record]
        case .service(let name):
            guard caller.isOperator || caller.identity == .service(name) else {
                throw AuthorityError(.forbidden, "\(caller.name) may not revoke the certificates of '\(name)'")
            }
            let state = order.reason == .removeFromCRL ? CertificateRecord.State.held : .active
            let all = try certificates(service: name, spiffeID: nil, state)
            guard !all.isEmpty else {
                throw AuthorityError(.unknownCertificate, "the service '\(name)' has no certificate in that state")
            }
            return all
        }
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

    /// The certificates of a service, or of who has a SPIFFE ID where there is no service.
    private func certificates(
        service: String?,
        spiffeID: String?,
        _ state: CertificateRecord.State
    ) throws(AuthorityError) -> [CertificateRecord] {
        guard service != nil || spiffeID != nil else { return [] }
        var records: [CertificateRecord] = []
        var query = CertificateQuery(now: clock.now(), limit: 1000)
        query.service = service
        if service == nil { query.spiffeID = spiffeID }
        query.state = state
        do {
            repeat {
                let page = try store.certificates(query)
                records += page.elements
                query.cursor = page.next
            } while query.cursor != nil && records.count < Self.mostRevokedAtOnce
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

    private static let mostRevokedAtOnce = 100_000
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
