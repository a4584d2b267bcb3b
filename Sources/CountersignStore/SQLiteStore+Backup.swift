package import CountersignIssuance
import GRDB
import Glibc

extension SQLiteStore {
    /// Whether there is a store at that path, or a log to make its database from; opening it would make a new one.
    package static func exists(at path: String) -> Bool {
        DurableFile.exists(path) || DurableFile.exists(path + ".log")
    }

    package func backUp(to path: String) throws(StoreError) {
        try StoreCopy.make(at: path) { copy in try self.pool.backup(to: copy) }
    }

    /// Writes a consistent copy of a store to a new file, while another process has it in use or none has.
    ///
    /// - Throws: `unavailable` when there is no store, or one of the files cannot be used.
    package static func backUp(_ path: String, to copyPath: String) throws(StoreError) {
        guard DurableFile.exists(path) else { throw StoreError(.unavailable, "there is no inventory at \(path)") }
        let source = try databaseCall { try DatabaseQueue(path: path, configuration: StoreCopy.reading) }
        try databaseCall { try source.read { db in try StoreCopy.requireInventory(db, path) } }
        try StoreCopy.make(at: copyPath) { copy in try source.backup(to: copy) }
    }

    /// Puts a backup in the place of the database of a store that is closed; the issuance log stays as it is, and
    /// reconciling brings the database up to it.
    ///
    /// - Parameters:
    ///   - backup: the path of the backup, which stays as it is.
    ///   - path: the path of the database.
    ///   - logPath: where the issuance log is; nil for the database's path with `.log` appended.
    ///   - requiresLog: refuses to go on without the log, as the database that is replaced may then be the only one
    ///     that knows of the revocations since the backup.
    /// - Throws: `unavailable` when the store is in use, or the backup is damaged, another store's or cannot be copied;
    ///   `needsReconciliation` when the log is missing or is none; `newerSchema`.
    package static func restore(
        _ backup: String,
        to path: String,
        logPath: String? = nil,
        requiresLog: Bool = true
    ) throws(StoreError) {
        guard DurableFile.exists(backup) else { throw StoreError(.unavailable, "there is no file \(backup)") }
        let lock = try StoreLock(path: path)
        defer { extendLifetime(lock) }
        let draft = path + ".restored"
        for suffix in ["", "-journal"] { unsafe unlink(draft + suffix) }
        try DurableFile.create(draft, [])
        do throws(StoreError) {
            let identifier = try StoreCopy.copy(backup, to: draft)
            let log = try Self.log(at: logPath ?? path + ".log", isRequired: requiresLog)
            if let log, let identifier, log != identifier {
                throw StoreError(.unavailable, "\(backup) is the backup of another store than the one at \(path)")
            }
            // SQLite would take a write-ahead log that is left over for this database's.
            for suffix in ["-wal", "-shm"] where DurableFile.exists(path + suffix) {
                guard unsafe unlink(path + suffix) == 0 else { throw .system("remove \(path + suffix)") }
            }
            try DurableFile.move(draft, to: path)
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    /// The identifier of the log that the restored database will be brought up to.
    private static func log(at path: String, isRequired: Bool) throws(StoreError) -> [UInt8]? {
        guard DurableFile.exists(path) else {
            guard isRequired else { return nil }
            throw StoreError(
                .needsReconciliation,
                """
                the issuance log \(path) is missing, and with it what was issued and revoked since the backup: bring it \
                back, or accept its loss
                """
            )
        }
        do throws(StoreError) {
            return try IssuanceLog(path: path).identifier
        } catch {
            guard !isRequired, error.code == .needsReconciliation else { throw error }
            return nil
        }
    }
}
