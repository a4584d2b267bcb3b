import CountersignIssuance
import FoundationEssentials
import GRDB
import Synchronization

/// The serial numbers of recent certificates that the table `serials` does not have yet, for readers on any thread.
final class RecentSerials: Sendable {
    private let ids: Mutex<[DatabaseValue: Int64]>

    /// Begins with these.
    init(_ ids: [DatabaseValue: Int64]) {
        self.ids = Mutex(ids)
    }

    /// Reads those of all certificates behind a row id.
    static func read(_ db: Database, after id: Int64) throws(StoreError) -> RecentSerials {
        try databaseCall {
            var ids: [DatabaseValue: Int64] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT serial, id FROM certificates WHERE id > ?", arguments: [id])
            while let row = try rows.next() {
                var reader = ColumnReader(row, table: "certificates", from: 1)
                ids[row[0]] = try reader.integer()
            }
            return RecentSerials(ids)
        }
    }

    /// How many there are.
    var count: Int { self.ids.withLock { $0.count } }

    /// The row id of the certificate with that serial number.
    func id(of serial: DatabaseValue) -> Int64? {
        self.ids.withLock { $0[serial] }
    }

    /// Adds those of certificates that are durable now.
    func add(_ new: [(serial: DatabaseValue, id: Int64)]) {
        self.ids.withLock { ids in
            for (serial, id) in new { ids[serial] = id }
        }
    }

    /// Removes those that the table has now.
    func remove(upTo id: Int64) {
        self.ids.withLock { ids in ids = ids.filter { $0.value > id } }
    }

    /// All of them, nearly in the order of the table.
    func sorted() -> [(serial: DatabaseValue, id: Int64)] {
        // By the first eight bytes: the order need not be exact, for it only keeps neighbours together.
        func prefix(_ value: DatabaseValue) -> UInt64 {
            guard case .blob(let bytes) = value.storage else { return 0 }
            return bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        let keyed = self.ids.withLock { ids in ids.map { (prefix: prefix($0.key), serial: $0.key, id: $0.value) } }
        return keyed.sorted { $0.prefix < $1.prefix }.map { ($0.serial, $0.id) }
    }
}
