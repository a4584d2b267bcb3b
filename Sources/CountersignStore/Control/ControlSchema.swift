import CountersignIssuance
import GRDB

/// The tables of the control plane's database, and the steps that lead from each earlier form of them to the present one.
enum ControlSchema {
    /// What marks a database file as one of the control plane (`PRAGMA application_id`): `CSCP`.
    static let applicationID: Int64 = 0x4353_4350

    /// Makes or updates the tables.
    ///
    /// - Throws: `unavailable` when the file holds another program's data, `newerSchema` when a newer version wrote it.
    static func prepare(_ writer: some DatabaseWriter, path: String) throws(StoreError) {
        try databaseCall {
            try writer.writeWithoutTransaction { db in try Self.claim(db, path: path) }
            guard try !writer.read({ db in try Self.migrator.hasBeenSuperseded(db) }) else {
                throw StoreError(
                    .newerSchema,
                    "the database \(path) was written by a newer version of the program; run that one"
                )
            }
            try Self.migrator.migrate(writer)
        }
    }

    private static func claim(_ db: Database, path: String) throws {
        let found = try Int64.fetchOne(db, sql: "PRAGMA application_id")
        guard found != Self.applicationID else { return }
        let tables = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
        guard found == 0, tables == 0 else {
            throw StoreError(
                .unavailable,
                "\(path) is the database of another program; give the control plane a file of its own"
            )
        }
        try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 records") { db in
            try db.execute(sql: Self.records + AuditSchema.trail + Self.state)
        }
        return migrator
    }

    // All records are in memory while the process runs, and are searched there; a row is only ever found by its key.
    private static let records = """
        CREATE TABLE records (
            kind TEXT NOT NULL,
            guid TEXT NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (kind, guid)
        ) STRICT, WITHOUT ROWID;
        """

    private static let state = """
        CREATE TABLE control_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            epoch TEXT NOT NULL,
            version INTEGER NOT NULL
        ) STRICT;
        INSERT INTO control_state VALUES (1, lower(hex(randomblob(16))), 0);
        """
}
