package import CountersignIssuance
import GRDB

extension SQLiteStore {
    package func issuers(endingFrom time: Int64) throws(StoreError) -> [IssuerTotals] {
        try self.read { db in
            let sql = """
                SELECT issuer_key_id, count(*), max(not_after) FROM certificates WHERE not_after >= ?
                GROUP BY issuer_key_id ORDER BY issuer_key_id
                """
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [time])
            var found: [IssuerTotals] = []
            while let row = try rows.next() {
                var reader = ColumnReader(row, table: "certificates")
                found.append(
                    IssuerTotals(
                        keyID: try reader.hexadecimal(),
                        count: try reader.integer(),
                        notAfter: try reader.integer()
                    )
                )
            }
            return found
        }
    }
}
