package import CountersignIssuance
import GRDB
import Glibc

extension SQLiteStore {
    package func backUp(to path: String) throws(StoreError) {
        guard !DurableFile.exists(path) else {
            throw StoreError(.unavailable, "\(path) exists already; a backup goes to a file of its own")
        }
        let draft = path + ".partial"
        try DurableFile.create(draft, [])
        do throws(StoreError) {
            try databaseCall {
                let copy = try DatabaseQueue(path: draft)
                try self.pool.backup(to: copy)
                // In one file, without the write-ahead log that the original has beside it.
                try copy.writeWithoutTransaction { db in
                    _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
                }
                try copy.close()
            }
            try DurableFile.move(draft, to: path)
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    /// Puts a backup in the place of the database of a store that is closed; the issuance log stays as it is, and
    /// reconciling brings the database up to it.
    ///
    /// - Throws: `unavailable` when the store is in use, or the backup is damaged or cannot be copied.
    package static func restore(_ backup: String, to path: String) throws(StoreError) {
        let lock = try StoreLock(path: path)
        defer { extendLifetime(lock) }
        let draft = path + ".restored"
        for suffix in ["", "-journal"] { unsafe unlink(draft + suffix) }
        try DurableFile.create(draft, [])
        try databaseCall {
            var configuration = Configuration()
            configuration.readonly = true
            let source = try DatabaseQueue(path: backup, configuration: configuration)
            let target = try DatabaseQueue(path: draft)
            try source.backup(to: target)
            try target.writeWithoutTransaction { db in try Self.check(db, backup) }
            try target.close()
        }
        // SQLite would take a write-ahead log that is left over for this database's.
        for suffix in ["-wal", "-shm"] where DurableFile.exists(path + suffix) {
            guard unsafe unlink(path + suffix) == 0 else { throw .system("remove \(path + suffix)") }
        }
        try DurableFile.move(draft, to: path)
    }

    private static func check(_ db: Database, _ backup: String) throws {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id")
        guard application == Schema.applicationID else {
            throw StoreError(.unavailable, "\(backup) is no backup of an inventory")
        }
        guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
            throw StoreError(.unavailable, "the backup \(backup) is damaged")
        }
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
    }
}
