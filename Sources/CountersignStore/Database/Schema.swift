import CountersignIssuance
import GRDB

/// The tables of the inventory, and the steps that lead from each earlier form of them to the present one.
enum Schema {
    /// What marks a database file as an inventory (`PRAGMA application_id`): `CSIV`.
    static let applicationID: Int64 = 0x4353_4956

    /// Makes or updates the tables.
    ///
    /// - Throws: `unavailable` when the file holds another program's data, `newerSchema` when a newer version wrote it.
    static func prepare(_ writer: some DatabaseWriter, path: String) throws(StoreError) {
        try databaseCall { try writer.writeWithoutTransaction { db in try Self.claim(db, path: path) } }
        try Self.requireKnown(writer, path: path)
        try databaseCall { try Self.migrator.migrate(writer) }
    }

    /// - Throws: `newerSchema` when a newer version wrote the tables.
    static func requireKnown(_ reader: some DatabaseReader, path: String) throws(StoreError) {
        let isNewer = try databaseCall { try reader.read { db in try Self.migrator.hasBeenSuperseded(db) } }
        guard !isNewer else {
            throw StoreError(
                .newerSchema,
                "the database \(path) was written by a newer version of the program; run that one, or restore a backup"
            )
        }
    }

    private static func claim(_ db: Database, path: String) throws {
        let found = try Int64.fetchOne(db, sql: "PRAGMA application_id")
        guard found != Self.applicationID else { return }
        let tables = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
        guard found == 0, tables == 0 else {
            let message = "\(path) is the database of another program; give the store a file of its own"
            throw StoreError(.unavailable, message)
        }
        try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 inventory") { db in
            try db.execute(sql: Self.certificates + Self.revocations + Self.registry + AuditSchema.trail + Self.state)
        }
        migrator.registerMigration("2 rotations") { db in try db.execute(sql: Self.rotations) }
        migrator.registerMigration("3 compromised keys") { db in
            try db.execute(sql: Self.compromisedKeys)
            try CompromisedKeyCollection.fill(db)
        }
        migrator.registerMigration("4 token grants") { db in try db.execute(sql: Self.tokenGrants) }
        migrator.registerMigration("5 chains without triggers") { db in
            try db.execute(sql: Self.chainsWithoutTriggers)
        }
        return migrator
    }

    // Columns of type ANY hold hexadecimal text as the bytes that it stands for. Rows of `certificates` never change.
    // The encoding comes last, so that the other columns are read without it.
    //
    // The certificates of one service, and those of one SPIFFE ID, are chained: each row names the one before it, and
    // `chain_ends` the newest; a row of `chains` and its end are made together. Serial numbers are random and are indexed in `serials` with a delay. Ordinary indexes
    // would dirty a page for each certificate; so a group of changes is written in a third of the time.
    private static let certificates = """
        CREATE TABLE certificates (
            id INTEGER PRIMARY KEY,
            serial ANY NOT NULL,
            service TEXT,
            profile TEXT NOT NULL,
            subject TEXT NOT NULL,
            spiffe_id TEXT,
            names TEXT NOT NULL,
            not_before INTEGER NOT NULL,
            not_after INTEGER NOT NULL,
            issued_at INTEGER NOT NULL,
            key_algorithm TEXT NOT NULL,
            issuer_key_id ANY NOT NULL,
            fingerprint ANY NOT NULL,
            channel TEXT NOT NULL,
            requester TEXT NOT NULL,
            previous_of_service INTEGER,
            previous_of_spiffe_id INTEGER,
            der BLOB NOT NULL
        ) STRICT;
        CREATE TABLE serials (
            serial ANY PRIMARY KEY,
            certificate INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE chains (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (kind, name)
        ) STRICT;
        CREATE TABLE chain_ends (
            chain INTEGER PRIMARY KEY,
            newest INTEGER NOT NULL
        ) STRICT;
        CREATE TRIGGER certificate_joins_service AFTER INSERT ON certificates WHEN new.service IS NOT NULL BEGIN
            INSERT OR IGNORE INTO chains (kind, name) VALUES ('service', new.service);
            INSERT OR REPLACE INTO chain_ends
            SELECT id, new.id FROM chains WHERE kind = 'service' AND name = new.service;
        END;
        CREATE TRIGGER certificate_joins_spiffe_id AFTER INSERT ON certificates WHEN new.spiffe_id IS NOT NULL BEGIN
            INSERT OR IGNORE INTO chains (kind, name) VALUES ('spiffe_id', new.spiffe_id);
            INSERT OR REPLACE INTO chain_ends
            SELECT id, new.id FROM chains WHERE kind = 'spiffe_id' AND name = new.spiffe_id;
        END;
        CREATE INDEX certificates_not_after ON certificates (not_after);
        """

    // `revocations` is what is in force: for each certificate the event that put it there.
    private static let revocations = """
        CREATE TABLE revocation_events (
            sequence INTEGER PRIMARY KEY,
            serial ANY NOT NULL,
            issuer_key_id ANY NOT NULL,
            date INTEGER NOT NULL,
            reason INTEGER NOT NULL,
            not_after INTEGER NOT NULL,
            actor TEXT NOT NULL
        ) STRICT;
        CREATE TABLE revocations (
            certificate INTEGER PRIMARY KEY REFERENCES certificates (id),
            sequence INTEGER NOT NULL REFERENCES revocation_events (sequence)
        ) STRICT;
        CREATE TABLE revocation_lists (
            issuer_key_id ANY PRIMARY KEY,
            number INTEGER NOT NULL
        ) STRICT;
        """

    private static let registry = """
        CREATE TABLE services (
            name TEXT PRIMARY KEY,
            namespace TEXT NOT NULL,
            spiffe_id TEXT NOT NULL,
            profile TEXT NOT NULL,
            dns_names TEXT NOT NULL,
            addresses TEXT NOT NULL,
            cf_app TEXT,
            cf_space TEXT,
            cf_organization TEXT,
            owner TEXT,
            labels TEXT NOT NULL,
            origin TEXT NOT NULL
        ) STRICT;
        CREATE TABLE tokens (
            name TEXT PRIMARY KEY,
            digest ANY NOT NULL UNIQUE,
            role TEXT,
            agent TEXT,
            services TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            used_at INTEGER,
            creator TEXT NOT NULL
        ) STRICT;
        CREATE TABLE agents (
            name TEXT PRIMARY KEY,
            services TEXT NOT NULL,
            joined_at INTEGER NOT NULL
        ) STRICT;
        """

    private static let rotations = """
        CREATE TABLE rotations (
            service TEXT PRIMARY KEY,
            requested_at INTEGER NOT NULL
        ) STRICT;
        """

    // Lists of text, as `dns_names` is one; NULL in rows of earlier versions.
    private static let tokenGrants = """
        ALTER TABLE services ADD COLUMN audiences TEXT;
        ALTER TABLE services ADD COLUMN roles TEXT;
        ALTER TABLE services ADD COLUMN scopes TEXT;
        """

    // Whoever inserts a certificate joins it to its chains: with statements of their own that takes half of what it
    // takes through triggers, for which SQLite collects the new row in a table first.
    private static let chainsWithoutTriggers = """
        DROP TRIGGER IF EXISTS certificate_joins_service;
        DROP TRIGGER IF EXISTS certificate_joins_spiffe_id;
        """

    private static let compromisedKeys = """
        CREATE TABLE compromised_keys (
            digest BLOB PRIMARY KEY
        ) STRICT, WITHOUT ROWID;
        """

    private static let state = """
        CREATE TABLE store_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            revocation_sequence INTEGER NOT NULL,
            list_number_floor INTEGER NOT NULL,
            audit_sequence INTEGER NOT NULL,
            issued INTEGER NOT NULL,
            revoked INTEGER NOT NULL,
            indexed INTEGER NOT NULL,
            log_id BLOB,
            log_offset INTEGER NOT NULL,
            log_frame INTEGER NOT NULL,
            log_hash BLOB NOT NULL
        ) STRICT;
        INSERT INTO store_state VALUES (1, 0, 0, 0, 0, 0, 0, NULL, 0, 0, x'');
        """
}
