package import CountersignIssuance
import Foundation
import GRDB
import Synchronization

/// The inventory in an SQLite database, with an issuance log beside it.
///
/// Every change is on disk twice before anybody is told of it: in the log, which only ever grows, and in the database.
/// A database that was restored from a backup is so brought forward to the present, and nothing that was revoked since
/// becomes good again. Transactions that arrive while one group is being written form the next group.
package final class SQLiteStore: InventoryStore {
    /// Where the database is.
    package let path: String

    let pool: DatabasePool

    private let options: SQLiteStoreOptions
    private let lock: StoreLock
    private let queue: CommitQueue
    private let writer: GroupWriter
    let recentSerials: RecentSerials

    private let stored: Mutex<StoreCondition>
    private let watch = Mutex(WriteWatch())

    /// Opens the store at `path`, and makes it when there is none.
    ///
    /// - Throws: `unavailable` when a file cannot be used, or another process has the store open; `newerSchema`;
    ///   `needsReconciliation` when the issuance log is missing, too short or altered.
    package init(path: String, options: SQLiteStoreOptions = SQLiteStoreOptions()) throws(StoreError) {
        self.path = path
        self.options = options
        self.lock = try StoreLock(path: path)
        let pool = try InventoryDatabase.open(path: path, cacheKibibytes: options.cacheKibibytes)
        let logPath = options.logPath ?? path + ".log"
        let (writer, condition) = try databaseCall {
            try pool.writeWithoutTransaction { db in
                try LogAttachment.attach(path: logPath, options: options, db)
            }
        }
        self.pool = pool
        self.queue = CommitQueue(limit: options.queueLimit, groupLimit: options.groupLimit)
        self.writer = writer
        self.recentSerials = writer.serials.recent
        self.stored = Mutex(condition)
    }

    /// Whether the store may be used.
    package var condition: StoreCondition { self.stored.withLock { $0 } }

    /// Has it told when writing begins to fail, as on a full disk, and when it succeeds again.
    ///
    /// - Parameter body: called with the failure, or nil, on the thread that writes; it must not block.
    package func watchWriting(_ body: @escaping @Sendable (StoreError?) -> Void) {
        self.watch.withLock { $0.body = body }
    }

    package func commit(
        _ transaction: StoreTransaction,
        completion: @escaping @Sendable (Result<StoreReceipt, StoreError>) -> Void
    ) {
        if let refusal = self.refusal {
            completion(.failure(refusal))
            return
        }
        switch self.queue.add(PendingTransaction(transaction, completion: completion)) {
        case .refused(let error):
            completion(.failure(error))
        case .waiting(let startsWriter):
            guard startsWriter else { return }
            self.pool.asyncWriteWithoutTransaction { db in self.writeGroups(db) }
        }
    }

    @discardableResult
    package func commit(_ transaction: StoreTransaction) throws(StoreError) -> StoreReceipt {
        let outcome = Outcome()
        self.commit(transaction) { outcome.set($0) }
        return try outcome.wait().get()
    }

    /// Makes every change again that the issuance log holds and a restored database does not: certificates are known
    /// again, what was revoked is revoked, and numbers of revocation lists are where they were.
    ///
    /// May take seconds for each 100,000 changes. Interrupted, it goes on where it was when it is called again.
    ///
    /// - Throws: `needsReconciliation` when log and database do not fit; `unavailable`.
    package func reconcile() throws(StoreError) -> ReconciliationReport {
        guard case .needsReconciliation = self.condition else { return ReconciliationReport() }
        let report = try databaseCall {
            try self.pool.writeWithoutTransaction { db in try self.writer.replay(db) }
        }
        self.stored.withLock { $0 = .ready }
        let record = AuditRecord(
            date: self.options.now(),
            actor: "store",
            action: "store.reconcile",
            target: self.path,
            outcome: .done,
            detail: "\(report.certificates) certificates and \(report.revocations) revocations made again from the log"
        )
        try self.commit(StoreTransaction([.audit(record)]))
        return report
    }

    /// Checks the whole issuance log.
    ///
    /// Each record must follow from the one before it, and they must lead to where the database is. This reads the whole
    /// file, and transactions wait meanwhile; opening a store checks a log of more than 64 MiB from the database's
    /// position on only.
    ///
    /// - Returns: whether the log is as it was written.
    package func verifyLog() throws(StoreError) -> Bool {
        try databaseCall {
            try self.pool.writeWithoutTransaction { _ in
                try LogComparison.verify(self.writer.log, upTo: self.writer.state.position)
            }
        }
    }

    package func close() {
        guard self.queue.close() else { return }
        self.pool.writeWithoutTransaction { db in
            self.writeGroups(db)
            self.writer.finish()
        }
        // Nothing is lost when these fail: the next start reads what was not put in order.
        _ = try? self.pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        try? self.pool.close()
        self.stored.withLock { $0 = .failed("the store is closed") }
        self.lock.release()
    }

    /// Reads from a consistent state of the database.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        if let refusal = self.refusal { throw refusal }
        return try databaseCall { try self.pool.read(body) }
    }

    /// Why the store does nothing; nil when it does.
    private var refusal: StoreError? {
        switch self.condition {
        case .ready: nil
        case .needsReconciliation(let message): StoreError(.needsReconciliation, message)
        case .failed(let message): StoreError(.unavailable, message)
        }
    }

    private func writeGroups(_ db: Database) {
        while let group = self.queue.nextGroup() {
            let results = self.writer.write(group, db)
            if let failure = self.writer.failure {
                self.stored.withLock { $0 = .failed(failure) }
            }
            self.tell(results)
            for (pending, result) in zip(group, results) {
                pending.completion(result)
            }
            if group.count >= self.options.crowd { self.waitForCompany() }
        }
    }

    /// Lets further transactions come before the next group, until they come one by one.
    private func waitForCompany() {
        var waiting = self.queue.waiting
        for _ in 0..<self.options.patience where waiting < self.options.company {
            self.options.gather()
            let more = self.queue.waiting
            guard more > waiting + 1 else { return }
            waiting = more
        }
    }

    private func tell(_ results: [Result<StoreReceipt, StoreError>]) {
        let failure = results.lazy.compactMap { result -> StoreError? in
            guard case .failure(let error) = result, error.code == .unavailable else { return nil }
            return error
        }.first
        let body = self.watch.withLock { watch -> (@Sendable (StoreError?) -> Void)? in
            guard watch.isFailing || failure != nil else { return nil }
            watch.isFailing = failure != nil
            return watch.body
        }
        body?(failure)
    }
}

/// Who is told how writing goes, and what they were told last.
private struct WriteWatch {
    var body: (@Sendable (StoreError?) -> Void)?
    var isFailing = false
}

/// The result of a transaction that somebody waits for.
private final class Outcome: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<StoreReceipt, StoreError>?>(nil)

    func set(_ result: Result<StoreReceipt, StoreError>) {
        self.result.withLock { $0 = result }
        self.semaphore.signal()
    }

    func wait() -> Result<StoreReceipt, StoreError> {
        self.semaphore.wait()
        return self.result.withLock { $0 } ?? .failure(StoreError(.unavailable, "the store stopped"))
    }
}
