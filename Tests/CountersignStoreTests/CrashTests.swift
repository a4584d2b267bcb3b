import CountersignIssuance
import CountersignPKI
import CountersignStore
import Glibc
import Synchronization
import Testing

/// What is left when the process stops at any moment.
@Suite struct CrashTests {
    @Test func `a group that only the log holds is there after the next start`() throws {
        let (folder, crashed) = (try StoreFolder(), try StoreFolder())
        let isArmed = Mutex(false)
        let store = try folder.open { options in
            options.observer = { stage in
                guard case .logged = stage, isArmed.withLock({ $0 }) else { return }
                folder.copyStore(to: crashed)
            }
        }
        try store.make(.issue(.numbered(1)))
        isArmed.withLock { $0 = true }
        try store.make(
            .issue(.numbered(2)),
            .revoke(serial: CertificateRecord.serial(1), reason: .superseded, date: 1_500, actor: "admin")
        )
        let expected = try Contents(of: store)
        store.close()

        let reopened = try crashed.open()
        #expect(reopened.condition == .ready)
        #expect(try Contents(of: reopened) == expected)
        try reopened.make(.issue(.numbered(3)))
        reopened.close()
        #expect(try Contents(of: crashed).certificates.map(\.serial) == [3, 2, 1].map(CertificateRecord.serial))
    }

    @Test func `a log torn at any byte of its last record loses nothing that was acknowledged`() throws {
        let (folder, crashed) = (try StoreFolder(), try StoreFolder())
        let sizes = Mutex<[Int]>([])
        let store = try folder.open { options in
            options.observer = { stage in
                guard case .logged = stage else { return }
                sizes.withLock { $0.append(StoreFolder.size(folder.log)) }
                // The database as it is before the record at hand, which is what a crash while writing it leaves.
                folder.copyStore(to: crashed)
            }
        }
        try store.make(.issue(.numbered(1)))
        try store.make(.issue(.numbered(2)))
        store.close()
        let log = try #require(StoreFolder.bytes(folder.log))
        let (start, end) = sizes.withLock { ($0[0], $0[1]) }
        #expect(end == log.count && start < end)
        let database = ["", "-wal"].map { ($0, StoreFolder.bytes(crashed.database + $0)) }
        for cut in start...end {
            for (suffix, bytes) in database { StoreFolder.write(try #require(bytes), to: crashed.database + suffix) }
            unlink(crashed.database + "-shm")
            StoreFolder.write(Array(log.prefix(cut)), to: crashed.log)
            let reopened = try crashed.open()
            #expect(reopened.condition == .ready)
            let serials = try reopened.allCertificates(CertificateQuery(now: 0)).map(\.serial)
            let expected = cut == end ? [2, 1] : [1]
            #expect(serials == expected.map(CertificateRecord.serial), "cut at \(cut)")
            #expect(StoreFolder.size(crashed.log) == (cut == end ? end : start))
            try reopened.make(.issue(.numbered(3)))
            #expect(try reopened.verifyLog())
            reopened.close()
        }
    }

    @Test func `a last record of which the disk wrote only a part is cut off`() throws {
        let (folder, crashed) = (try StoreFolder(), try StoreFolder())
        let store = try folder.open { options in
            options.observer = { stage in if case .logged = stage { folder.copyStore(to: crashed) } }
        }
        try store.make(.issue(.numbered(1)))
        let start = StoreFolder.size(folder.log)
        try store.make(.issue(.numbered(2)))
        store.close()
        var log = try #require(StoreFolder.bytes(crashed.log))
        for index in (start + 60)..<log.count { log[index] = 0 }
        StoreFolder.write(log, to: crashed.log)
        let reopened = try crashed.open()
        #expect(try reopened.allCertificates(CertificateQuery(now: 0)).map(\.serial) == [CertificateRecord.serial(1)])
        #expect(StoreFolder.size(crashed.log) == start)
        reopened.close()
    }

    @Test func `a write-ahead log cut at any page loses nothing, for the issuance log has it`() throws {
        let (folder, crashed) = (try StoreFolder(), try StoreFolder())
        let store = try folder.open { options in
            options.observer = { stage in
                // Taken before the first transaction's group is in the database; cuts go no further back.
                guard case .committed = stage else { return }
                folder.copyStore(to: crashed)
            }
        }
        try store.make(.issue(.numbered(1)))
        let start = StoreFolder.size(folder.database + "-wal")
        try store.make(.issue(.numbered(2)))
        let database = try #require(StoreFolder.bytes(crashed.database))
        let pages = try #require(StoreFolder.bytes(crashed.database + "-wal"))
        let log = try #require(StoreFolder.bytes(crashed.log))
        store.close()
        for cut in stride(from: start, through: pages.count, by: 512) {
            StoreFolder.write(database, to: crashed.database)
            StoreFolder.write(Array(pages.prefix(cut)), to: crashed.database + "-wal")
            StoreFolder.write(log, to: crashed.log)
            unlink(crashed.database + "-shm")
            let reopened = try crashed.open()
            #expect(reopened.condition == .ready)
            #expect(try reopened.totals().issued == 2, "cut at \(cut)")
            reopened.close()
        }
    }

    @Test func `a process that is killed has recorded every certificate that it acknowledged`() async throws {
        for _ in 0..<3 {
            let folder = try StoreFolder()
            let path = folder.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                try KilledProcess.run(path)
            }
            let acknowledged = try KilledProcess.acknowledged(path)
            let store = try folder.open()
            #expect(store.condition == .ready)
            #expect(!acknowledged.isEmpty)
            for number in acknowledged {
                #expect(try store.certificate(serial: CertificateRecord.serial(number)) == .numbered(number))
            }
            let totals = try store.totals()
            #expect(totals.issued >= acknowledged.count)
            #expect(try store.allCertificates(CertificateQuery(now: 0, limit: 1000)).count == Int(totals.issued))
            #expect(try store.verifyLog())
            store.close()
        }
    }
}

/// Records certificates from many sides, notes what is acknowledged, and kills itself in the midst of it.
enum KilledProcess {
    static func run(_ folder: String) throws {
        let store = try SQLiteStore(path: "\(folder)/inventory.db")
        let notes = open("\(folder)/acknowledged", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let next = Atomic(0)
        let noted = Atomic(0)
        let last = Int.random(in: 200...2000)
        @Sendable func issue() {
            let number = next.add(1, ordering: .relaxed).newValue
            store.commit(StoreTransaction([.issue(.numbered(number)), .audit(.line())])) { result in
                guard case .success = result else { return }
                let line = "\(number)\n"
                _ = line.utf8CString.withUnsafeBytes { write(notes, $0.baseAddress, line.utf8.count) }
                if noted.add(1, ordering: .relaxed).newValue == last { kill(getpid(), SIGKILL) }
                issue()
            }
        }
        for _ in 0..<32 { issue() }
        while true { pause() }
    }

    static func acknowledged(_ folder: String) throws -> [Int] {
        let path = "\(folder)/acknowledged"
        let bytes = try #require(StoreFolder.bytes(path))
        unlink(path)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
    }
}
