/// The table of an audit trail, which each database has for itself.
///
/// It is the first form of the table, of which migrations are made: it never changes.
enum AuditSchema {
    // Searches of the trail pass over the lines that do not match; an index for each filter would cost each certificate
    // more than the trail itself.
    /// The statements that make the table.
    static let trail = """
        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY,
            date INTEGER NOT NULL,
            actor TEXT NOT NULL,
            address TEXT,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_outcome ON audit (outcome) WHERE outcome <> 'done';
        """
}
