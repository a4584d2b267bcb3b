/// Where the authority keeps certificates, services, revocations, tokens and the audit trail.
///
/// All methods may be called from any thread. Reads see every transaction whose completion has been called.
package protocol InventoryStore: Sendable {
    /// Makes a transaction durable, together with those that wait at the same time (group commit).
    ///
    /// - Parameters:
    ///   - transaction: what happens whole or not at all.
    ///   - completion: called once, after the transaction is on disk (success) or nobody will ever be told that
    ///     it is (failure). It is called on a thread of the store, or before this method returns when the transaction is
    ///     refused at once; it must not block, nor take a lock that the caller holds.
    func commit(
        _ transaction: StoreTransaction,
        completion: @escaping @Sendable (Result<StoreReceipt, StoreError>) -> Void
    )

    /// Makes a transaction durable and waits for it; not for event loop threads.
    @discardableResult
    func commit(_ transaction: StoreTransaction) throws(StoreError) -> StoreReceipt

    /// The certificate with that serial number (lower-case hexadecimal).
    func certificate(serial: String) throws(StoreError) -> CertificateRecord?
    /// A page of certificates, newest first.
    func certificates(_ query: CertificateQuery) throws(StoreError) -> Page<CertificateRecord>
    /// All services, by name.
    func services() throws(StoreError) -> [ServiceRegistration]
    /// Every revocation in force of certificates that end at `time` or later.
    func revocations(endingFrom time: Int64) throws(StoreError) -> [RevocationEvent]
    /// The keys that are in other hands, each as in ``StoreChange/compromiseKey(digest:)``.
    func compromisedKeys() throws(StoreError) -> [[UInt8]]
    /// Revocation events after a position, oldest first, at most `limit`.
    func revocationEvents(after sequence: Int64, limit: Int) throws(StoreError) -> [RevocationEvent]
    /// The sequence of the newest revocation event; 0 when there was none.
    func newestRevocation() throws(StoreError) -> Int64
    /// Identifies this run of the revocation numbering: another one after a restore that could not be reconciled.
    func epoch() throws(StoreError) -> String
    /// The number of the newest revocation list of an issuer; 0 before the first.
    func revocationListNumber(issuerKeyID: String) throws(StoreError) -> Int64
    /// The token with that digest.
    func token(digest: String) throws(StoreError) -> AccessToken?
    /// All tokens, by name.
    func tokens() throws(StoreError) -> [AccessToken]
    /// All agents, by name.
    func agents() throws(StoreError) -> [AgentRegistration]
    /// When a rotation was last asked for, in Unix seconds, by service.
    func rotations() throws(StoreError) -> [String: Int64]
    /// A page of the audit trail, newest first.
    func audit(_ query: AuditQuery) throws(StoreError) -> Page<AuditRecord>
    /// Whose certificates end at `time` or later, by key identifier; it may read every one of them.
    func issuers(endingFrom time: Int64) throws(StoreError) -> [IssuerTotals]
    /// How many certificates were issued and how many revoked, ever.
    func totals() throws(StoreError) -> InventoryTotals
    /// Writes a consistent copy of the store to a new file, while it is in use.
    func backUp(to path: String) throws(StoreError)
    /// Waits for pending transactions and closes.
    func close()
}
