import CountersignIdentity
import CountersignIssuance
import CountersignStore
import Glibc
import Testing

/// A disk that takes no more, played by the limit on the size of files.
///
/// The limit holds for a whole process, so each test has one of its own, in which failures show as its exit status.
@Suite struct DiskFullTests {
    @Test func `a full disk fails transactions, and the store goes on when there is room again`() async throws {
        let folder = try StoreFolder()
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try SQLiteStore(path: "\(path)/inventory.db")
            // The write-ahead log of the database is the file that grows fastest and fails first.
            FileSizeLimit.set(UInt(StoreFolder.size("\(path)/inventory.db-wal")) + 400_000)
            try FileSizeLimit.fillUntilRefused(store, from: 1)
        }
        let store = try folder.open()
        #expect(store.condition == .ready)
        #expect(try store.verifyLog())
        #expect(try store.certificate(serial: CertificateRecord.serial(1)) == .numbered(1))
        #expect(try store.certificate(serial: CertificateRecord.serial(1_000_000)) == .numbered(1_000_000))
        store.close()
    }

    @Test func `a log that cannot grow fails transactions, and the store goes on when it can again`() async throws {
        let folder = try StoreFolder()
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try SQLiteStore(path: "\(path)/inventory.db")
            // A service that is replaced again and again makes the log the largest of the files.
            var service = ServiceRegistration(name: "orders", spiffeID: try SPIFFEID(parsing: "spiffe://a/orders"))
            service.owner = String(repeating: "x", count: 1 << 20)
            for _ in 0..<60 { try store.make(.putService(service)) }
            try #require(StoreFolder.size("\(path)/inventory.db.log") > StoreFolder.size("\(path)/inventory.db-wal"))
            FileSizeLimit.set(UInt(StoreFolder.size("\(path)/inventory.db.log")) + 1500)
            try FileSizeLimit.fillUntilRefused(store, from: 1)
        }
        let store = try folder.open()
        #expect(store.condition == .ready)
        #expect(try store.verifyLog())
        #expect(try store.certificate(serial: CertificateRecord.serial(1_000_000)) == .numbered(1_000_000))
        store.close()
    }
}

/// The limit on the size of the files that this process writes.
enum FileSizeLimit {
    static func set(_ bytes: UInt) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        limit.rlim_cur = bytes
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    static func lift() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    /// Records until the disk is full, checks that the store holds exactly what it acknowledged, and goes on.
    static func fillUntilRefused(_ store: SQLiteStore, from first: Int) throws {
        let before = try store.totals().issued
        var number = first
        while store.rejection(of: .issue(.numbered(number))) == nil { number += 1 }
        try #require(number > first && number < first + 100_000)
        try #require(store.rejection(of: .issue(.numbered(number))) == .unavailable)
        try #require(store.condition == .ready)
        try #require(try store.totals().issued == before + Int64(number - first))
        try #require(try store.certificate(serial: CertificateRecord.serial(number)) == nil)
        Self.lift()
        try store.make(.issue(.numbered(number)))
        try store.make(.issue(.numbered(1_000_000)))
        try #require(try store.certificate(serial: CertificateRecord.serial(number)) != nil)
        try #require(try store.verifyLog())
        store.close()
    }
}
