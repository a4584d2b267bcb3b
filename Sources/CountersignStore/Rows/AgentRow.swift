import CountersignIssuance
import GRDB

extension AgentRegistration {
    /// The columns of the table `agents`.
    static let columns = "name, services, joined_at"

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        [self.name.databaseValue, TextListColumn.value(self.services), self.joinedAt.databaseValue]
    }

    /// Reads a row of ``columns``.
    init(row: Row) throws(StoreError) {
        var reader = ColumnReader(row, table: "agents")
        self.init(name: try reader.text(), services: try reader.list(), joinedAt: try reader.integer())
    }
}
