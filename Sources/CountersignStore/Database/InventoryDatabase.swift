import CountersignIssuance
import GRDB
import Glibc

/// Opens the database file.
enum InventoryDatabase {
    /// Opens the database, makes it when there is none, and brings its tables up to date.
    ///
    /// - Throws: `unavailable` and `newerSchema`.
    static func open(path: String, cacheKibibytes: Int) throws(StoreError) -> DatabasePool {
        let pool = try Self.openFile(path: path, cacheKibibytes: cacheKibibytes)
        try Schema.prepare(pool, path: path)
        return pool
    }

    /// Opens a database file, and makes it when there is none; of its tables nothing is known.
    ///
    /// - Throws: `unavailable`.
    static func openFile(path: String, cacheKibibytes: Int) throws(StoreError) -> DatabasePool {
        try Self.create(path)
        return try databaseCall {
            let pool = try DatabasePool(path: path, configuration: Self.configuration(cacheKibibytes))
            try pool.writeWithoutTransaction { db in
                // A pool begins with less, which loses the last transactions when the machine stops.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            }
            return pool
        }
    }

    /// How many pages of 4 KiB the write-ahead log takes before they go to the database.
    ///
    /// Pages that are written again and again go there once in that time.
    private static let checkpointPages = 8192

    private static func configuration(_ cacheKibibytes: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "countersign.store"
        configuration.foreignKeysEnabled = true
        // Others may look into the file with SQLite's own tools while it is in use.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            guard !db.configuration.readonly else { return }
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
        }
        return configuration
    }

    /// Makes an empty file for its owner only; SQLite gives the files beside it the same mode.
    private static func create(_ path: String) throws(StoreError) {
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            try DurableFile.synchronizeFolder(of: path)
        } else if errno != EEXIST {
            throw .system("make the database \(path)")
        }
    }
}
