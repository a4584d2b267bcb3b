import CountersignIssuance
import CountersignPKI
import Synchronization

/// An inventory in memory, for tests of what stands in front of it; it can be made to fail.
final class MemoryInventory: InventoryStore {
    private struct State {
        var certificates: [String: CertificateRecord] = [:]
        var order: [String] = []
        var services: [String: ServiceRegistration] = [:]
        var events: [RevocationEvent] = []
        var audit: [AuditRecord] = []
        var tokens: [AccessToken] = []
        var agents: [String: AgentRegistration] = [:]
        var listNumbers: [String: Int64] = [:]
        var rotations: [String: Int64] = [:]
        var compromised: Set<[UInt8]> = []
        var failure: StoreError?
    }

    private let state = Mutex(State())

    /// Has every transaction fail from now on, or none.
    func fail(with error: StoreError?) {
        state.withLock { $0.failure = error }
    }

    /// Every certificate, oldest first.
    var issued: [CertificateRecord] { state.withLock { state in state.order.compactMap { state.certificates[$0] } } }

    /// The audit trail, oldest first.
    var trail: [AuditRecord] { state.withLock { $0.audit } }

    func commit(
        _ transaction: StoreTransaction,
        completion: @escaping @Sendable (Result<StoreReceipt, StoreError>) -> Void
    ) {
        completion(Result { () throws(StoreError) in try commit(transaction) })
    }

    @discardableResult
    func commit(_ transaction: StoreTransaction) throws(StoreError) -> StoreReceipt {
        let result: Result<StoreReceipt, StoreError> = state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            var changed = state
            let known = state.events.count
            do throws(StoreError) {
                for change in transaction.changes { try Self.apply(change, to: &changed) }
            } catch {
                return .failure(error)
            }
            state = changed
            return .success(StoreReceipt(revocations: Array(changed.events.dropFirst(known))))
        }
        return try result.get()
    }

    private static func apply(_ change: StoreChange, to state: inout State) throws(StoreError) {
        switch change {
        case .issue(let record):
            guard state.certificates[record.serial] == nil else { throw StoreError(.serialRepeated, "repeated") }
            state.certificates[record.serial] = record
            state.order.append(record.serial)
        case .revoke(let serial, let reason, let date, let actor):
            guard let record = state.certificates[serial] else { throw StoreError(.unknownSerial, "unknown") }
            let current = record.revocation?.reason
            if reason == .removeFromCRL {
                guard current == .certificateHold else { throw StoreError(.notHeld, "not held") }
            } else if let current, current != .certificateHold || reason == .certificateHold {
                guard reason.meansCompromise, !current.meansCompromise else {
                    throw StoreError(.alreadyRevoked, "revoked")
                }
            }
            state.certificates[serial]?.revocation =
                reason == .removeFromCRL ? nil : RevocationMark(date: date, reason: reason, actor: actor)
            state.events.append(
                RevocationEvent(
                    sequence: Int64(state.events.count + 1),
                    serial: serial,
                    issuerKeyID: record.issuerKeyID,
                    date: date,
                    reason: reason,
                    notAfter: record.notAfter
                )
            )
        case .compromiseKey(let digest): state.compromised.insert(digest)
        case .revocationListNumber(let keyID, let number): state.listNumbers[keyID] = number
        case .putService(let service): state.services[service.name] = service
        case .removeService(let name): state.services[name] = nil
        case .addToken(let token): state.tokens.append(token)
        case .useToken: break
        case .removeToken(let name): state.tokens.removeAll { $0.name == name }
        case .putAgent(let agent): state.agents[agent.name] = agent
        case .removeAgent(let name): state.agents[name] = nil
        case .requestRotation(let service, let date): state.rotations[service] = date
        case .audit(let record): state.audit.append(record)
        }
    }

    func certificate(serial: String) -> CertificateRecord? { state.withLock { $0.certificates[serial] } }
    func certificates(_ query: CertificateQuery) -> Page<CertificateRecord> {
        let found = issued.filter { record in
            (query.service == nil || record.service == query.service)
                && (query.spiffeID == nil || record.spiffeID == query.spiffeID)
                && (query.publicKey.map { record.der.contains($0) } ?? true)
                && (query.state == nil || record.state(at: query.now) == query.state)
        }
        return Page(elements: found, next: nil)
    }
    func services() -> [ServiceRegistration] { state.withLock { Array($0.services.values) } }
    func revocations(endingFrom time: Int64) -> [RevocationEvent] {
        state.withLock { $0.events.filter { $0.notAfter >= time } }
    }
    func compromisedKeys() -> [[UInt8]] { state.withLock { Array($0.compromised) } }
    func revocationEvents(after sequence: Int64, limit: Int) -> [RevocationEvent] { state.withLock { $0.events } }
    func newestRevocation() -> Int64 { state.withLock { Int64($0.events.count) } }
    func epoch() -> String { "memory" }
    func revocationListNumber(issuerKeyID: String) -> Int64 { state.withLock { $0.listNumbers[issuerKeyID] ?? 0 } }
    func token(digest: String) -> AccessToken? { state.withLock { $0.tokens.first { $0.digest == digest } } }
    func tokens() -> [AccessToken] { state.withLock { $0.tokens } }
    func agents() -> [AgentRegistration] { state.withLock { Array($0.agents.values) } }
    func rotations() -> [String: Int64] { state.withLock { $0.rotations } }
    func audit(_ query: AuditQuery) -> Page<AuditRecord> { Page(elements: trail, next: nil) }
    func issuers(endingFrom time: Int64) -> [IssuerTotals] {
        Dictionary(grouping: issued.filter { $0.notAfter >= time }, by: \.issuerKeyID).map { keyID, records in
            IssuerTotals(keyID: keyID, count: Int64(records.count), notAfter: records.map(\.notAfter).max() ?? 0)
        }
    }
    func totals() -> InventoryTotals { InventoryTotals(issued: Int64(issued.count), revoked: newestRevocation()) }
    func backUp(to path: String) {}
    func close() {}
}
