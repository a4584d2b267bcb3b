import CountersignIssuance
import CountersignStore
import Glibc
import Logging

/// Opens the inventory, and says what to do when it cannot be used as it is.
enum AuthorityStorage {
    /// Opens the store of an authority.
    ///
    /// Where there is none, nothing tells a first start from a volume that is not there: an empty inventory knows of no
    /// revocation, and so would make all of them undone. So one is made only where somebody says that it is to be.
    ///
    /// - Parameter create: whether a new one is made where there is none.
    /// - Throws: ``StoreError``; `needsReconciliation` when a backup was restored and is not reconciled yet.
    static func open(_ path: String, create: Bool, logger: Logger) throws(StoreError) -> SQLiteStore {
        guard !SQLiteStore.exists(at: path) else { return try ready(try SQLiteStore(path: path)) }
        guard create else {
            throw StoreError(
                .unavailable,
                """
                there is no inventory at \(path). If there has been one, bring it back: without it nothing is revoked any \
                more. Only for a new authority, make an empty one: countersign authority init
                """
            )
        }
        let store = try make(path)
        logger.warning("a new, empty inventory was made: nothing is revoked", metadata: ["path": .string(path)])
        return store
    }

    /// Makes an empty store; the audit trail has it.
    ///
    /// - Throws: ``StoreError``.
    static func make(_ path: String) throws(StoreError) -> SQLiteStore {
        let store = try ready(try SQLiteStore(path: path))
        let record = AuditRecord(
            date: Int64(time(nil)),
            actor: "store",
            action: "store.create",
            target: path,
            outcome: .done,
            detail: "an empty inventory"
        )
        try store.commit(StoreTransaction([.audit(record)]))
        return store
    }

    private static func ready(_ store: SQLiteStore) throws(StoreError) -> SQLiteStore {
        switch store.condition {
        case .ready: return store
        case .needsReconciliation(let message):
            store.close()
            throw StoreError(.needsReconciliation, "\(message); run countersign authority reconcile")
        case .failed(let message): throw StoreError(.unavailable, message)
        }
    }
}
