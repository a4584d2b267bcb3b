import CountersignIssuance
import GRDB
import Glibc

/// Copies of the database in single files, without the write-ahead log that the original has beside it.
enum StoreCopy {
    /// Makes a copy at a path where nothing is; after a failure nothing is there either.
    ///
    /// - Throws: `unavailable`.
    static func make(at path: String, _ fill: (DatabaseQueue) throws -> Void) throws(StoreError) {
        guard !DurableFile.exists(path) else {
            throw StoreError(.unavailable, "\(path) exists already; a backup goes to a file of its own")
        }
        let draft = path + ".partial"
        try DurableFile.create(draft, [])
        do throws(StoreError) {
            try databaseCall {
                let copy = try DatabaseQueue(path: draft)
                try fill(copy)
                try copy.writeWithoutTransaction(Self.leaveWriteAheadLog)
                try copy.close()
            }
            try DurableFile.move(draft, to: path)
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    /// Copies a backup into an empty file and checks it.
    ///
    /// - Returns: the identifier of the log that belongs to it.
    /// - Throws: `unavailable` that names the backup when it is none or is damaged, `newerSchema`.
    static func copy(_ backup: String, to path: String) throws(StoreError) -> [UInt8]? {
        do {
            let source = try DatabaseQueue(path: backup, configuration: Self.reading)
            let target = try DatabaseQueue(path: path)
            try source.backup(to: target)
            let identifier = try target.writeWithoutTransaction { db in
                try Self.requireInventory(db, backup)
                guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else { throw Self.damaged(backup) }
                try Self.leaveWriteAheadLog(db)
                return try StoreState.read(db).logIdentifier
            }
            try Schema.requireKnown(target, path: backup)
            try target.close()
            return identifier
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw Self.foreign(backup)
        } catch let error as DatabaseError where Self.isDamage(error) {
            throw Self.damaged(backup)
        } catch {
            throw StoreError(database: error)
        }
    }

    /// Reads alone, so that not even a forgotten journal of the file is acted upon.
    static var reading: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// - Throws: `unavailable` when the database is not an inventory.
    static func requireInventory(_ db: Database, _ path: String) throws {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id")
        guard application == Schema.applicationID else { throw Self.foreign(path) }
    }

    private static func leaveWriteAheadLog(_ db: Database) throws {
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
    }

    private static func isDamage(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CORRUPT || error.extendedResultCode == .SQLITE_IOERR_SHORT_READ
    }

    private static func damaged(_ path: String) -> StoreError {
        StoreError(.unavailable, "the backup \(path) is damaged or cut short; restore another one")
    }

    private static func foreign(_ path: String) -> StoreError {
        StoreError(.unavailable, "\(path) is no inventory of an authority, nor a backup of one")
    }
}
