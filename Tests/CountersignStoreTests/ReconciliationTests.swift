import CountersignIssuance
import CountersignPKI
import CountersignStore
import Glibc
import Testing

/// A database that does not know what the issuance log knows.
@Suite struct ReconciliationTests {
    private static let issuer = CertificateRecord.numbered(1).issuerKeyID

    /// A store that was backed up, went on for some transactions, and was restored.
    private func restored(_ folder: StoreFolder) throws -> (expected: Contents, logSizes: [Int]) {
        let store = try folder.open()
        try store.make(.issue(.numbered(1)), .issue(.numbered(2)), .issue(.numbered(3)))
        try store.make(.revocationListNumber(issuerKeyID: Self.issuer, number: 1))
        try store.make(Self.revoke(3, .certificateHold))
        try store.backUp(to: "\(folder.path)/backup.db")
        var sizes: [Int] = []
        let later: [[StoreChange]] = [
            [.issue(.numbered(4)), .audit(.line())],
            [Self.revoke(1, .keyCompromise), .revocationListNumber(issuerKeyID: Self.issuer, number: 2)],
            [Self.revoke(4, .superseded)],
            [Self.revoke(3, .removeFromCRL), .revocationListNumber(issuerKeyID: Self.issuer, number: 7)],
        ]
        for changes in later {
            try store.commit(StoreTransaction(changes))
            sizes.append(StoreFolder.size(folder.log))
        }
        let expected = try Contents(of: store)
        store.close()
        try SQLiteStore.restore("\(folder.path)/backup.db", to: folder.database)
        return (expected, sizes)
    }

    private static func revoke(_ number: Int, _ reason: RevocationReason) -> StoreChange {
        .revoke(serial: CertificateRecord.serial(number), reason: reason, date: 1_500, actor: "admin")
    }

    @Test func `a restored backup serves nobody until it is reconciled`() throws {
        let folder = try StoreFolder()
        _ = try self.restored(folder)
        let store = try folder.open()
        defer { store.close() }
        guard case .needsReconciliation(let message) = store.condition else {
            Issue.record("the condition is \(store.condition)")
            return
        }
        #expect(message.contains("older than the issuance log"))
        let refusal = StoreError(.needsReconciliation, "")
        #expect(store.rejection(of: .issue(.numbered(9))) == .needsReconciliation)
        let publication = StoreChange.revocationListNumber(issuerKeyID: Self.issuer, number: 99)
        #expect(store.rejection(of: publication) == .needsReconciliation)
        #expect(throws: refusal) { try store.certificate(serial: CertificateRecord.serial(1)) }
        #expect(throws: refusal) { try store.revocations(endingFrom: 0) }
        #expect(throws: refusal) { try store.revocationEvents(after: 0, limit: 1) }
        #expect(throws: refusal) { try store.newestRevocation() }
        #expect(throws: refusal) { try store.revocationListNumber(issuerKeyID: Self.issuer) }
        #expect(throws: refusal) { try store.token(digest: "aa") }
        #expect(try store.totals().issued == 3)
        #expect(try store.audit(AuditQuery()).elements.isEmpty)
    }

    @Test func `reconciling brings back certificates, revocations and numbers`() throws {
        let folder = try StoreFolder()
        let expected = try self.restored(folder).expected
        let store = try folder.open()
        let report = try store.reconcile()
        #expect(report.certificates == 1)
        #expect(report.revocations == 3)
        #expect(report.changes == 7)
        #expect(store.condition == .ready)
        #expect(try Contents(of: store).withoutReconciliation == expected)
        #expect(try store.audit(AuditQuery(limit: 1)).elements.first?.action == "store.reconcile")
        #expect(store.rejection(of: .revocationListNumber(issuerKeyID: Self.issuer, number: 7)) == .numberNotAbove)
        #expect(try store.make(Self.revoke(2, .superseded)).revocations.first?.sequence == 5)
        #expect(try store.reconcile() == ReconciliationReport())
        store.close()
        #expect(try folder.open().condition == .ready)
    }

    @Test func `a log torn behind a restored backup is made again up to the tear`() throws {
        let folder = try StoreFolder()
        let sizes = try self.restored(folder).logSizes
        let log = try #require(StoreFolder.bytes(folder.log))
        StoreFolder.write(Array(log.prefix(sizes[2] + 30)), to: folder.log)
        let store = try folder.open()
        #expect(try store.reconcile().revocations == 2)
        #expect(try store.verifyLog())
        store.close()
        #expect(try folder.open().condition == .ready)
    }

    @Test func `a log altered behind a restored backup is refused at every byte`() throws {
        let folder = try StoreFolder()
        let sizes = try self.restored(folder).logSizes
        let database = try #require(StoreFolder.bytes(folder.database))
        let log = try #require(StoreFolder.bytes(folder.log))
        for index in stride(from: sizes[0], to: sizes[1], by: 3) {
            var altered = log
            altered[index] ^= 0x10
            StoreFolder.write(altered, to: folder.log)
            StoreFolder.write(database, to: folder.database)
            let error = #expect(throws: StoreError.self) { try folder.open() }
            #expect(error?.code == .needsReconciliation, "byte \(index)")
        }
    }

    @Test func `a log that lacks what the database holds is refused`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try store.make(.issue(.numbered(1)))
        let middle = StoreFolder.size(folder.log)
        try store.make(.issue(.numbered(2)))
        store.close()
        let log = try #require(StoreFolder.bytes(folder.log))
        for length in [0, 20, 36, middle, log.count - 1] {
            StoreFolder.write(Array(log.prefix(length)), to: folder.log)
            let error = #expect(throws: StoreError.self) { try folder.open() }
            #expect(error?.code == .needsReconciliation)
            #expect(error?.message.contains("Bring the log file back") == true)
        }
        for index in [0, 25, 40, middle - 1, middle + 60, log.count - 1] {
            var altered = log
            altered[index] ^= 1
            StoreFolder.write(altered, to: folder.log)
            let error = #expect(throws: StoreError.self) { try folder.open() }
            #expect(error?.code == .needsReconciliation, "byte \(index)")
        }
        unlink(folder.log)
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.message.contains("is missing") == true)
        StoreFolder.write(log, to: folder.log)
        #expect(try folder.open().totals().issued == 2)
    }

    @Test func `another store's log is refused`() throws {
        let (folder, other) = (try StoreFolder(), try StoreFolder())
        for each in [folder, other] {
            let store = try each.open()
            try store.make(.issue(.numbered(1)))
            store.close()
        }
        StoreFolder.write(try #require(StoreFolder.bytes(other.log)), to: folder.log)
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.message.contains("belongs to another store") == true)
    }

    @Test func `accepting the loss of a log raises all numbers and says so`() throws {
        let folder = try StoreFolder()
        let expected = try self.restored(folder).expected
        unlink(folder.log)
        let store = try folder.open { $0.acceptLostLog = true }
        #expect(store.condition == .ready)
        #expect(try store.revocationListNumber(issuerKeyID: Self.issuer) == 1_000_001)
        #expect(try store.revocationListNumber(issuerKeyID: "aa") == 1_000_001)
        #expect(try store.newestRevocation() == 1_000_001)
        #expect(try store.make(Self.revoke(1, .superseded)).revocations.map(\.sequence) == [1_000_002])
        #expect(store.rejection(of: .revocationListNumber(issuerKeyID: "aa", number: 1_000_001)) == .numberNotAbove)
        try store.make(.revocationListNumber(issuerKeyID: "aa", number: 1_000_002))
        let line = try store.audit(AuditQuery()).elements.first
        #expect(line?.action == "store.accept_lost_log")
        #expect(line?.detail.contains("is missing") == true)
        #expect(expected.certificates.count == 4)
        store.close()
        let reopened = try folder.open { $0.acceptLostLog = true }
        #expect(try reopened.newestRevocation() == 1_000_002)
        reopened.close()
    }

    @Test func `accepting the loss of an altered log keeps what is good in it, and the file`() throws {
        let folder = try StoreFolder()
        let sizes = try self.restored(folder).logSizes
        var log = try #require(StoreFolder.bytes(folder.log))
        log[sizes[1] + 40] ^= 1
        StoreFolder.write(log, to: folder.log)
        let store = try folder.open { $0.acceptLostLog = true }
        #expect(try store.certificate(serial: CertificateRecord.serial(1))?.revocation?.reason == .keyCompromise)
        #expect(try store.certificate(serial: CertificateRecord.serial(4))?.revocation == nil)
        #expect(try store.newestRevocation() == 1_000_002)
        #expect(try store.revocationListNumber(issuerKeyID: Self.issuer) == 1_000_002)
        #expect(folder.names.contains("inventory.db.log.lost-1800000000"))
        store.close()
        #expect(try folder.open().condition == .ready)
    }

    @Test func `a lost log is not accepted for a log that is good`() throws {
        let folder = try StoreFolder()
        let expected = try self.restored(folder).expected
        let store = try folder.open { $0.acceptLostLog = true }
        guard case .needsReconciliation = store.condition else {
            Issue.record("the condition is \(store.condition)")
            return
        }
        _ = try store.reconcile()
        #expect(try Contents(of: store).withoutReconciliation == expected)
        store.close()
    }
}
