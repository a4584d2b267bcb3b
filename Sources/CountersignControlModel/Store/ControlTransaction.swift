package import CountersignIssuance

/// Changes that are made together or not at all.
package struct ControlTransaction: Sendable {
    /// The version of the whole after it; one more than before.
    package var version: Int64
    /// Records that are new or take the place of those with the same key.
    package var puts: [ControlRecord]
    /// Records that go.
    package var deletes: [ControlRecord.Key]
    /// What the audit trail says of it, in this order.
    package var audit: [AuditRecord]

    package init(
        version: Int64,
        puts: [ControlRecord] = [],
        deletes: [ControlRecord.Key] = [],
        audit: [AuditRecord]
    ) {
        self.version = version
        self.puts = puts
        self.deletes = deletes
        self.audit = audit
    }
}
