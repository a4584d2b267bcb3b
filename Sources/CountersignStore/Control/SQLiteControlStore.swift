package import CountersignControlModel
package import CountersignIssuance
import CountersignJSON
import GRDB

/// The records of the control plane in an SQLite database.
///
/// A transaction is written with its lines of the audit trail and flushed before ``commit(_:)`` returns: whoever was told
/// of a change finds it again after the process was killed or the machine has stopped.
package final class SQLiteControlStore: ControlStore {
    private let path: String
    private let lock: StoreLock
    private let pool: DatabasePool

    /// Opens the store at `path`, and makes it when there is none.
    ///
    /// - Throws: `unavailable` when a file cannot be used, or another process has the store open; `newerSchema`.
    package init(path: String) throws(StoreError) {
        self.path = path
        self.lock = try StoreLock(path: path)
        self.pool = try InventoryDatabase.openFile(path: path, cacheKibibytes: Self.cacheKibibytes)
        try ControlSchema.prepare(self.pool, path: path)
    }

    package func load() throws(StoreError) -> ControlContent {
        try databaseCall {
            try self.pool.read { db in
                guard let state = try Row.fetchOne(db, sql: "SELECT epoch, version FROM control_state") else {
                    throw ColumnReader.damaged("control_state")
                }
                var reader = ColumnReader(state, table: "control_state")
                var content = ControlContent(epoch: try reader.text(), version: try reader.integer(), records: [])
                let rows = try Row.fetchCursor(db, sql: "SELECT kind, document FROM records")
                while let row = try rows.next() { content.records.append(try Self.record(row)) }
                return content
            }
        }
    }

    package func commit(_ transaction: ControlTransaction) throws(StoreError) {
        try databaseCall {
            try self.pool.write { db in
                try db.execute(
                    sql: "UPDATE control_state SET version = ?1 WHERE id = 1 AND version = ?1 - 1",
                    arguments: [transaction.version]
                )
                guard db.changesCount == 1 else {
                    throw StoreError(.unavailable, "the database \(self.path) was changed by somebody else")
                }
                let delete = try db.cachedStatement(sql: "DELETE FROM records WHERE kind = ? AND guid = ?")
                for key in transaction.deletes { try delete.execute(arguments: [key.kind.rawValue, key.guid]) }
                let put = try db.cachedStatement(sql: "INSERT OR REPLACE INTO records VALUES (?, ?, ?)")
                for record in transaction.puts {
                    let key = record.key
                    try put.execute(arguments: [key.kind.rawValue, key.guid, record.document.compact])
                }
                for line in transaction.audit { try Self.append(line, db) }
            }
        }
    }

    package func audit(_ query: AuditQuery) throws(StoreError) -> Page<AuditRecord> {
        try databaseCall { try self.pool.read { db in try AuditSearch(query).page(db) } }
    }

    package func close() {
        try? self.pool.close()
        self.lock.release()
    }

    private static let cacheKibibytes = 8192

    private static func append(_ record: AuditRecord, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO audit (date, actor, address, action, target, outcome, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: StatementArguments(record.values.dropFirst())
        )
    }

    private static func record(_ row: Row) throws(StoreError) -> ControlRecord {
        var reader = ColumnReader(row, table: "records")
        let kind = try reader.member(of: ControlRecord.Kind.self)
        do throws(JSONError) {
            return try ControlRecord(kind: kind, reading: try JSONValue(parsing: Array(try text(&reader).utf8)))
        } catch {
            throw ColumnReader.damaged("records")
        }
    }

    private static func text(_ reader: inout ColumnReader) throws(JSONError) -> String {
        do throws(StoreError) {
            return try reader.text()
        } catch {
            throw JSONError(at: "$", error.message)
        }
    }
}
