/// Whether a store may be used.
package enum StoreCondition: Sendable, Hashable {
    /// It may.
    case ready
    /// The database is older than the issuance log, as after the restore of a backup. Nothing but totals and audit
    /// trail is read and nothing written until ``SQLiteStore/reconcile()``.
    case needsReconciliation(String)
    /// A disk error left it open what was written. Opening the store again finds out.
    case failed(String)
}

/// What a reconciliation brought back from the issuance log.
package struct ReconciliationReport: Sendable, Hashable {
    /// How many certificates the database did not hold.
    package var certificates = 0
    /// How many revocations, holds and releases it did not hold.
    package var revocations = 0
    /// How many changes of all kinds it did not hold.
    package var changes = 0

    package init() {}
}
