package import CountersignIssuance

/// Keeps the records of the control plane.
///
/// A transaction is on disk, whole, when ``commit(_:)`` returns; when it throws, nothing of it is.
package protocol ControlStore: Sendable {
    /// Everything that is kept.
    ///
    /// - Throws: `StoreError` with `unavailable`.
    func load() throws(StoreError) -> ControlContent

    /// Makes changes and adds their lines to the audit trail.
    ///
    /// - Throws: `StoreError` with `unavailable`.
    func commit(_ transaction: ControlTransaction) throws(StoreError)

    /// A page of the audit trail, newest first.
    ///
    /// - Throws: `StoreError` with `unavailable`.
    func audit(_ query: AuditQuery) throws(StoreError) -> Page<AuditRecord>

    /// Ends the use of the store.
    func close()
}
