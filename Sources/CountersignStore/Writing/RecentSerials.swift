import CountersignIssuance
import GRDB
import Synchronization

/// The serial numbers of recent certificates that the table `serials` does not have yet, for readers on any thread.
final class RecentSerials: Sendable {
    private let ids: Mutex<[SerialKey: Int64]>

    /// Begins with these.
    init(_ ids: [SerialKey: Int64]) {
        self.ids = Mutex(ids)
    }

    /// Reads those of all certificates behind a row id.
    static func read(_ db: Database, after id: Int64) throws(StoreError) -> RecentSerials {
        try databaseCall {
            var ids: [SerialKey: Int64] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT serial, id FROM certificates WHERE id > ?", arguments: [id])
            while let row = try rows.next() {
                var reader = ColumnReader(row, table: "certificates", from: 1)
                ids[SerialKey(row[0])] = try reader.integer()
            }
            return RecentSerials(ids)
        }
    }

    /// How many there are.
    var count: Int { self.ids.withLock { $0.count } }

    /// The row id of the certificate with that serial number.
    func id(of serial: SerialKey) -> Int64? {
        self.ids.withLock { $0[serial] }
    }

    /// Adds those of certificates that are durable now.
    func add(_ new: [(serial: SerialKey, id: Int64)]) {
        self.ids.withLock { ids in
            for (serial, id) in new { ids[serial] = id }
        }
    }

    /// Removes those that the table has now.
    func remove(upTo id: Int64) {
        self.ids.withLock { ids in ids = ids.filter { $0.value > id } }
    }

    /// All of them, in the order of the table.
    func sorted() -> [(serial: SerialKey, id: Int64)] {
        self.ids.withLock { ids in ids.map { (serial: $0.key, id: $0.value) } }.sorted { $0.serial < $1.serial }
    }
}
