import CountersignIssuance
import GRDB

extension AuditRecord {
    /// The columns of the table `audit`.
    static let columns = "sequence, date, actor, address, action, target, outcome, detail"

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        [
            self.sequence.databaseValue, self.date.databaseValue, self.actor.databaseValue,
            self.address?.databaseValue ?? .null, self.action.databaseValue, self.target.databaseValue,
            self.outcome.rawValue.databaseValue, self.detail.databaseValue,
        ]
    }

    /// Reads a row of ``columns``.
    init(row: Row) throws(StoreError) {
        var reader = ColumnReader(row, table: "audit")
        self.init(
            sequence: try reader.integer(),
            date: try reader.integer(),
            actor: try reader.text(),
            address: try reader.optionalText(),
            action: try reader.text(),
            target: try reader.text(),
            outcome: try reader.member(of: Outcome.self),
            detail: try reader.text()
        )
    }
}
