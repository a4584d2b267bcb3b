import CountersignIssuance
import CountersignStore
import Logging

/// Opens the inventory, and says what to do when it cannot be used as it is.
enum AuthorityStorage {
    /// Opens the store of an authority.
    ///
    /// - Throws: ``StoreError``; `needsReconciliation` when a backup was restored and is not reconciled yet.
    static func open(_ path: String, logger: Logger) throws(StoreError) -> SQLiteStore {
        let store = try SQLiteStore(path: path)
        switch store.condition {
        case .ready: return store
        case .needsReconciliation(let message):
            store.close()
            throw StoreError(.needsReconciliation, "\(message); run countersign authority reconcile")
        case .failed(let message): throw StoreError(.unavailable, message)
        }
    }
}
