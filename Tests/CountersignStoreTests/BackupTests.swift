import CountersignIssuance
import CountersignStore
import Synchronization
import Testing

@Suite struct BackupTests {
    @Test func `a backup taken while certificates are recorded is whole and can be brought to the present`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        let outcomes = Outcomes()
        let next = Atomic(0)
        @Sendable func issue() {
            let number = next.add(1, ordering: .relaxed).newValue
            guard number <= 2000 else { return }
            let changes: [StoreChange] = [.issue(.numbered(number)), .audit(.line(target: "\(number)"))]
            store.commit(StoreTransaction(changes)) { result in
                outcomes.add(number, result)
                issue()
            }
        }
        for _ in 0..<16 { issue() }
        let path = "\(folder.path)/backup.db"
        try store.backUp(to: path)
        _ = outcomes.wait(for: 2000)
        let expected = try Contents(of: store)
        store.close()

        try SQLiteStore.restore(path, to: folder.database)
        let restored = try folder.open()
        let (totals, trail) = (try restored.totals(), try restored.allAudit(AuditQuery(limit: 1000)))
        #expect(Int64(trail.count) == totals.issued)
        if case .needsReconciliation = restored.condition { _ = try restored.reconcile() }
        #expect(try Contents(of: restored).withoutReconciliation == expected)
        restored.close()
    }

    @Test func `a backup overwrites nothing, and leaves nothing when it fails`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        defer { store.close() }
        let path = "\(folder.path)/backup.db"
        try store.backUp(to: path)
        #expect(throws: StoreError(.unavailable, "")) { try store.backUp(to: path) }
        #expect(throws: StoreError(.unavailable, "")) { try store.backUp(to: "/nonexistent/backup.db") }
        #expect(!folder.names.contains { $0.contains("partial") })
    }

    @Test func `a store in use, a file that is no backup and a damaged one are not restored`() throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try store.commit(StoreTransaction((0..<500).map { .issue(.numbered($0)) }))
        let path = "\(folder.path)/backup.db"
        try store.backUp(to: path)
        #expect(throws: StoreError(.unavailable, "")) { try SQLiteStore.restore(path, to: folder.database) }
        let expected = try Contents(of: store)
        store.close()

        var damaged = try #require(StoreFolder.bytes(path))
        for index in 20_000..<40_000 { damaged[index] = 0xFF }
        StoreFolder.write(damaged, to: path)
        #expect(throws: StoreError(.unavailable, "")) { try SQLiteStore.restore(path, to: folder.database) }
        StoreFolder.write(Array(repeating: 0x41, count: 4096), to: path)
        #expect(throws: StoreError(.unavailable, "")) { try SQLiteStore.restore(path, to: folder.database) }
        #expect(throws: StoreError(.unavailable, "")) { try SQLiteStore.restore("/nonexistent", to: folder.database) }
        #expect(try Contents(of: folder) == expected)
    }

    @Test func `what a killed process left of the old database does not spoil the restored one`() throws {
        let (folder, crashed) = (try StoreFolder(), try StoreFolder())
        let store = try folder.open()
        try store.make(.issue(.numbered(1)))
        try store.backUp(to: "\(crashed.path)/backup.db")
        try store.commit(StoreTransaction((2..<300).map { .issue(.numbered($0)) }))
        try store.make(.issue(.numbered(300)))
        folder.copyStore(to: crashed)
        let expected = try Contents(of: store)
        store.close()
        #expect(StoreFolder.size(crashed.database + "-wal") > 0)

        try SQLiteStore.restore("\(crashed.path)/backup.db", to: crashed.database)
        let restored = try crashed.open()
        #expect(try restored.totals().issued == 1)
        _ = try restored.reconcile()
        #expect(try Contents(of: restored).withoutReconciliation == expected)
        restored.close()
    }
}
