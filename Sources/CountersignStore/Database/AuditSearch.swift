import CountersignIssuance
import GRDB

/// Finds a page of the audit trail, beginning below a sequence.
struct AuditSearch {
    private let query: AuditQuery
    private let limit: Int

    init(_ query: AuditQuery) {
        self.query = query
        self.limit = min(max(query.limit, 1), 1000)
    }

    /// The page.
    func page(_ db: Database) throws -> Page<AuditRecord> {
        let (conditions, values) = self.conditions
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql = """
            SELECT \(AuditRecord.columns) FROM audit \(self.index) \(filter)
            ORDER BY sequence DESC LIMIT \(self.limit + 1)
            """
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: StatementArguments(values))
        var page = Page<AuditRecord>(elements: [], next: nil)
        while let row = try rows.next() {
            guard page.elements.count < self.limit else {
                page.next = page.elements.last?.sequence
                break
            }
            page.elements.append(try AuditRecord(row: row))
        }
        return page
    }

    private var conditions: ([String], [DatabaseValue]) {
        var conditions: [String] = []
        var values: [DatabaseValue] = []
        let equalities = [
            ("actor", self.query.actor), ("action", self.query.action), ("target", self.query.target),
        ]
        for (column, value) in equalities {
            guard let value else { continue }
            conditions.append("\(column) = ?")
            values.append(value.databaseValue)
        }
        if let outcome = self.query.outcome {
            conditions.append("outcome = ?")
            values.append(outcome.rawValue.databaseValue)
            // The partial index is used only where the text shows that it fits.
            if outcome != .done { conditions.append("outcome <> 'done'") }
        }
        if let cursor = self.query.cursor {
            conditions.append("sequence < ?")
            values.append(cursor.databaseValue)
        }
        return (conditions, values)
    }

    private var index: String {
        self.query.outcome == nil || self.query.outcome == .done ? "NOT INDEXED" : "INDEXED BY audit_outcome"
    }
}
