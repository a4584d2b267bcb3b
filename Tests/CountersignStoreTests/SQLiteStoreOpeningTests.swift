import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignStore
import Crypto
import Foundation
import GRDB
import Testing

@Suite struct SQLiteStoreOpeningTests {
    @Test func `what was recorded is there after the store was closed and opened`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try store.make(.issue(.numbered(1)), .audit(.line()))
        let before = try Contents(of: store)
        store.close()
        #expect(try Contents(of: folder) == before)
        #expect(try folder.open().condition == .ready)
    }

    @Test func `a second store cannot open the same file, and can after the first is closed`() throws {
        let folder = try StoreFolder()
        let first = try folder.open()
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("in use by another process") == true)
        try first.make(.issue(.numbered(1)))
        first.close()
        let second = try folder.open()
        #expect(try second.totals().issued == 1)
    }

    @Test func `two stores cannot write one issuance log`() throws {
        let (one, other) = (try StoreFolder(), try StoreFolder())
        let first = try one.open()
        defer { first.close() }
        let error = #expect(throws: StoreError.self) { try other.open { $0.logPath = one.log } }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("in use by another store") == true)
    }

    @Test func `all files are for their owner only`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try store.make(.issue(.numbered(1)))
        try store.backUp(to: "\(folder.path)/backup.db")
        #expect(folder.names.count >= 5)
        for name in folder.names {
            #expect(StoreFolder.mode("\(folder.path)/\(name)") == 0o600, "\(name)")
        }
        store.close()
    }

    @Test func `a database of a newer version is refused`() throws {
        let folder = try StoreFolder()
        try folder.open().close()
        try DatabaseQueue(path: folder.database).write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('2 something later')")
        }
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .newerSchema)
    }

    @Test func `compromised keys of a database from before they had a table are found`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let authority = try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: "example.org"), now: 1_000)
        var profile = CertificateProfile(lifetimeSeconds: 3600)
        profile.commonName = "orders"
        let lost = try authority.issue(profile, key: .p256, now: 1_000)
        let replaced = try authority.issue(profile, key: .p256, now: 1_000)
        for (number, issued) in [lost, replaced].enumerated() {
            var record = CertificateRecord.numbered(number)
            record.der = issued.certificate.der
            try store.make(.issue(record))
        }
        try store.make(
            .revoke(serial: CertificateRecord.serial(0), reason: .keyCompromise, date: 1_500, actor: "test"),
            .revoke(serial: CertificateRecord.serial(1), reason: .superseded, date: 1_500, actor: "test")
        )
        store.close()
        try DatabaseQueue(path: folder.database).write { db in
            try db.execute(sql: "DROP TABLE compromised_keys")
            try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '3 %'")
        }
        let opened = try folder.open()
        #expect(try opened.compromisedKeys() == [Array(SHA256.hash(data: lost.key.publicKey.derEncoded))])
        opened.close()
    }

    @Test func `services of a database from before they had tokens are found without any`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        var web = ServiceRegistration(name: "web", spiffeID: try SPIFFEID(parsing: "spiffe://example.org/web"))
        web.labels = ["tier": "1"]
        try store.make(.putService(web))
        store.close()
        try DatabaseQueue(path: folder.database).write { db in
            for column in ["audiences", "roles", "scopes"] {
                try db.execute(sql: "ALTER TABLE services DROP COLUMN \(column)")
            }
            try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '4 %'")
        }
        let opened = try folder.open()
        #expect(try opened.services() == [web])
        web.tokens.audiences = ["orders"]
        try opened.make(.putService(web))
        #expect(try opened.services() == [web])
        opened.close()
    }

    @Test func `chains of a database from before the writer joined them go on`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try store.make(.issue(.numbered(1)), .issue(.numbered(2, service: "billing")))
        store.close()
        try DatabaseQueue(path: folder.database).write { db in
            for kind in ["service", "spiffe_id"] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER certificate_joins_\(kind) AFTER INSERT ON certificates
                        WHEN new.\(kind) IS NOT NULL BEGIN
                            INSERT OR IGNORE INTO chains (kind, name) VALUES ('\(kind)', new.\(kind));
                            INSERT OR REPLACE INTO chain_ends
                            SELECT id, new.id FROM chains WHERE kind = '\(kind)' AND name = new.\(kind);
                        END
                        """
                )
            }
            try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '5 %'")
        }
        let opened = try folder.open()
        try opened.make(.issue(.numbered(3)), .issue(.numbered(4, service: nil, spiffeID: nil)))
        var query = CertificateQuery(now: 1_500)
        query.service = "orders"
        #expect(try opened.certificates(query).elements.map(\.serial) == [3, 1].map(CertificateRecord.serial))
        query.service = nil
        query.spiffeID = CertificateRecord.numbered(1).spiffeID
        #expect(try opened.certificates(query).elements.map(\.serial) == [3, 2, 1].map(CertificateRecord.serial))
        opened.close()
        let left = try DatabaseQueue(path: folder.database).read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'")
        }
        #expect(left == 0)
    }

    @Test func `a log of a newer version is refused`() throws {
        let folder = try StoreFolder()
        try folder.open().close()
        var bytes = try #require(StoreFolder.bytes(folder.log))
        bytes[19] = 2
        StoreFolder.write(bytes, to: folder.log)
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .newerSchema)
    }

    @Test func `another program's database is refused and left alone`() throws {
        let folder = try StoreFolder()
        try DatabaseQueue(path: folder.database).write { db in try db.execute(sql: "CREATE TABLE other (a)") }
        let before = StoreFolder.bytes(folder.database)
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("another program") == true)
        #expect(try DatabaseQueue(path: folder.database).read { db in try db.tableExists("other") })
        #expect(before != nil)
    }

    @Test func `a file that is no database is refused`() throws {
        let folder = try StoreFolder()
        StoreFolder.write(Array(repeating: 0x41, count: 5000), to: folder.database)
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .unavailable)
    }

    @Test func `a folder that is not there is told`() throws {
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: "/nonexistent/inventory.db") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/nonexistent/inventory.db") == true)
    }

    @Test func `after closing nothing is done any more, and closing again does nothing`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        store.close()
        store.close()
        #expect(store.rejection(of: .issue(.numbered(1))) == .unavailable)
        #expect(throws: StoreError(.unavailable, "")) { try store.services() }
        #expect(throws: StoreError(.unavailable, "")) { try store.totals() }
    }

    @Test func `transactions beyond the limit are refused and the others are done`() throws {
        let folder = try StoreFolder()
        let gate = DispatchSemaphore(value: 0)
        let store = try folder.open { options in
            options.queueLimit = 10
            options.observer = { stage in if case .logged = stage { gate.wait() } }
        }
        let outcomes = Outcomes()
        store.commit(StoreTransaction([.issue(.numbered(0))])) { outcomes.add(0, $0) }
        // The first one leaves the queue when the writer takes it; after that exactly ten fit.
        var admitted = 1
        while admitted < 11 {
            let number = admitted
            let refused = Outcomes()
            store.commit(StoreTransaction([.issue(.numbered(number))])) { result in
                refused.add(number, result)
                outcomes.add(number, result)
            }
            admitted += 1
        }
        for _ in 0..<100 { gate.signal() }
        let results = outcomes.wait(for: 11)
        #expect(results.values.allSatisfy { $0 == nil || $0 == .unavailable })
        #expect(results.values.count { $0 == nil } >= 10)
        #expect(try store.totals().issued == Int64(results.values.count { $0 == nil }))
        store.close()
    }
}
