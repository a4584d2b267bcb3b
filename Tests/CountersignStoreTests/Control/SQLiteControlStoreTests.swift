import CountersignControlModel
import CountersignIssuance
import CountersignPolicy
import CountersignStore
import CountersignTesting
import Glibc
import Testing

@Suite struct SQLiteControlStoreTests {
    private let folder: ScratchFolder
    private var path: String { folder.file("control.db") }

    init() throws {
        folder = try ScratchFolder()
    }

    private static func audit(_ action: String) -> AuditRecord {
        AuditRecord(date: 10, actor: "admin", action: action, target: "t", outcome: .done)
    }

    private static func domain(_ guid: String, _ name: String) -> ControlRecord {
        let header = RecordHeader(guid: guid, createdAt: 1, updatedAt: 1, order: 1)
        return .domain(DomainRecord(header: header, name: name, isInternal: false, policyScope: .any))
    }

    private static func transaction(
        _ version: Int64,
        puts: [ControlRecord] = [],
        deletes: [ControlRecord.Key] = []
    ) -> ControlTransaction {
        ControlTransaction(version: version, puts: puts, deletes: deletes, audit: [audit("change.\(version)")])
    }

    @Test func `what was committed is there after a restart, with its line of the trail`() throws {
        let store = try SQLiteControlStore(path: path)
        let epoch = try store.load().epoch
        try store.commit(Self.transaction(1, puts: [Self.domain("a", "a.x"), Self.domain("b", "b.x")]))
        try store.commit(Self.transaction(2, puts: [Self.domain("a", "c.x")], deletes: [.init(.domain, "b")]))
        store.close()
        let again = try SQLiteControlStore(path: path)
        let content = try again.load()
        #expect(content.epoch == epoch && content.version == 2)
        #expect(content.records == [Self.domain("a", "c.x")])
        #expect(try again.audit(AuditQuery(limit: 10)).elements.map(\.action) == ["change.2", "change.1"])
        again.close()
    }

    @Test func `a transaction of another version than the next is refused whole`() throws {
        let store = try SQLiteControlStore(path: path)
        for version: Int64 in [0, 2] {
            #expect(throws: StoreError.self) {
                try store.commit(Self.transaction(version, puts: [Self.domain("a", "a.x")]))
            }
        }
        #expect(try store.load().records.isEmpty)
        #expect(try store.audit(AuditQuery(limit: 10)).elements.isEmpty)
        store.close()
    }

    @Test func `one process has it`() throws {
        let store = try SQLiteControlStore(path: path)
        #expect(throws: StoreError.self) { try SQLiteControlStore(path: path) }
        store.close()
        try SQLiteControlStore(path: path).close()
    }

    @Test func `two stores count in different epochs`() throws {
        let (one, two) = (try SQLiteControlStore(path: path), try SQLiteControlStore(path: folder.file("other.db")))
        #expect(try one.load().epoch != two.load().epoch)
        one.close()
        two.close()
    }

    @Test func `the database of something else is left alone`() throws {
        let inventory = try SQLiteStore(path: folder.file("inventory.db"))
        inventory.close()
        #expect(throws: StoreError.self) { try SQLiteControlStore(path: folder.file("inventory.db")) }
        try SQLiteControlStore(path: path).close()
        #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
    }

    @Test func `what is committed is on disk when it is answered for`() throws {
        let store = try SQLiteControlStore(path: path)
        try store.commit(Self.transaction(1, puts: [Self.domain("a", "a.x")]))
        // What a process that is killed leaves: the files as they are, without a close.
        let copy = folder.file("copy.db")
        for suffix in ["", "-wal"] {
            let bytes = try #require(StoreFolder.bytes(path + suffix))
            StoreFolder.write(bytes, to: copy + suffix)
        }
        let found = try SQLiteControlStore(path: copy)
        #expect(try found.load().records == [Self.domain("a", "a.x")])
        found.close()
        store.close()
    }

    @Test func `its file is its owner's alone`() throws {
        try SQLiteControlStore(path: path).close()
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
}
