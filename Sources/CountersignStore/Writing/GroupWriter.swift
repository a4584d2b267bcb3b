import CountersignIssuance
import GRDB

/// Writes groups of transactions: first to the log, then to the database, each time waiting for the disk.
///
/// The log is never behind the database, and ahead of it by one group at most; so whatever stops the process, the next
/// start finds every transaction that anybody was told of.
final class GroupWriter: @unchecked Sendable {
    // SAFETY: after its creation it is used on the database's serial writing queue only.

    /// The counters, as the database holds them.
    private(set) var state: StoreState
    /// Set once it is open what the disk holds; nothing is written any more.
    private(set) var failure: String?

    /// The index of serial numbers.
    let serials: SerialIndex

    /// The log that belongs to the database.
    let log: IssuanceLog

    private let observer: (@Sendable (GroupCommitStage) -> Void)?
    private var connection: WriterConnection?

    /// Creates a writer.
    init(
        state: StoreState,
        log: IssuanceLog,
        serials: SerialIndex,
        observer: (@Sendable (GroupCommitStage) -> Void)?
    ) {
        self.state = state
        self.serials = serials
        self.log = log
        self.observer = observer
    }

    /// Makes the transactions of a group durable; those that are rejected leave no trace.
    ///
    /// - Returns: what became of each.
    func write(_ group: [PendingTransaction], _ database: Database) -> [Result<StoreReceipt, StoreError>] {
        var results: [Result<StoreReceipt, StoreError>] = []
        results.reserveCapacity(group.count)
        do throws(StoreError) {
            try self.transact(database) { connection, state, frame throws(StoreError) in
                for pending in group {
                    results.append(try self.apply(pending.transaction, connection, &state, &frame))
                }
            }
            return results
        } catch {
            return group.map { _ in .failure(error) }
        }
    }

    /// Makes entries durable that no transaction asked for.
    func write(_ entries: [LogEntry], _ database: Database) throws(StoreError) {
        try self.transact(database) { connection, state, frame throws(StoreError) in
            for entry in entries {
                try EntryWriter(connection: connection, serials: self.serials).write(entry, &state)
                frame.append(entry)
            }
        }
    }

    /// Ties the database to the log, at a position.
    func adopt(_ position: LogPosition, _ database: Database) throws(StoreError) {
        try self.change(database) { connection, state throws(StoreError) in
            state.logIdentifier = self.log.identifier
            state.position = position
            try connection.run(.writeState, state.values)
        }
    }

    /// Lets go of the prepared statements and of the log, so that the connection can be closed.
    func finish() {
        self.connection = nil
        self.failure = "the store is closed"
        self.log.file.unlock()
    }

    /// The body of a group: makes changes, follows with the counters, and collects the entries.
    private typealias Body = (
        _ connection: WriterConnection, _ state: inout StoreState, _ frame: inout LogFrameBuilder
    ) throws(StoreError) -> Void

    private func transact(_ database: Database, _ body: Body) throws(StoreError) {
        if let failure = self.failure { throw StoreError(.unavailable, failure) }
        try self.change(database) { connection, changed throws(StoreError) in
            var frame = LogFrameBuilder()
            try connection.run(.begin)
            try body(connection, &changed, &frame)
            guard frame.entries > 0 else {
                connection.rollback()
                return
            }
            try self.serials.advance(connection, &changed)
            try self.commit(frame, &changed, connection)
        }
    }

    /// Runs `body` with a copy of the counters, which count once it returns; undoes the database when it throws.
    func change(
        _ database: Database,
        _ body: (_ connection: WriterConnection, _ state: inout StoreState) throws(StoreError) -> Void
    ) throws(StoreError) {
        let connection = self.connection(database)
        do throws(StoreError) {
            var changed = self.state
            try body(connection, &changed)
            self.state = changed
            self.serials.settle(indexed: changed.indexed)
        } catch {
            self.serials.discard()
            connection.rollback()
            self.connection = nil
            throw error
        }
    }

    private func commit(
        _ frame: LogFrameBuilder,
        _ changed: inout StoreState,
        _ connection: WriterConnection
    ) throws(StoreError) {
        let (entries, length) = (frame.entries, frame.length)
        guard length <= LogFormat.maximumContent else {
            throw StoreError(.unavailable, "the transaction is too large; split it into several")
        }
        do throws(GroupFailure) {
            changed.position = try self.log.append(frame, after: self.state.position)
            self.observer?(.logged(changes: entries, bytes: length))
            try self.commit(changed, connection)
        } catch {
            if !error.isUndone {
                self.failure = "the store stopped after a disk error; start again to find out what was written"
            }
            throw error.error
        }
        self.observer?(.committed(changes: entries))
    }

    private func commit(_ changed: StoreState, _ connection: WriterConnection) throws(GroupFailure) {
        do throws(StoreError) {
            try connection.run(.writeState, changed.values)
        } catch {
            connection.rollback()
            try self.log.retract(to: self.state.position, because: error)
        }
        do throws(GroupFailure) {
            try connection.commit()
        } catch {
            connection.rollback()
            guard error.isUndone else { throw error }
            try self.log.retract(to: self.state.position, because: error.error)
        }
    }

    private func connection(_ database: Database) -> WriterConnection {
        if let connection = self.connection { return connection }
        let connection = WriterConnection(database)
        self.connection = connection
        return connection
    }

    private func apply(
        _ transaction: StoreTransaction,
        _ connection: WriterConnection,
        _ state: inout StoreState,
        _ frame: inout LogFrameBuilder
    ) throws(StoreError) -> Result<StoreReceipt, StoreError> {
        let (before, mark) = (state, frame.mark)
        // What a change can be rejected for is found before its first write; only a later one that is rejected leaves
        // earlier ones to be undone.
        let needsSavepoint = transaction.changes.dropFirst().contains(where: \.canBeRejected)
        if needsSavepoint { try connection.run(.savepoint) }
        do throws(StoreError) {
            let receipt = try self.apply(transaction.changes, connection, &state, &frame)
            if needsSavepoint { try connection.run(.release) }
            return .success(receipt)
        } catch {
            guard error.code != .unavailable else { throw error }
            if needsSavepoint {
                try connection.run(.rollbackToSavepoint)
                try connection.run(.release)
            }
            self.serials.discard(after: before.issued)
            state = before
            frame.rewind(to: mark)
            return .failure(error)
        }
    }

    private func apply(
        _ changes: [StoreChange],
        _ connection: WriterConnection,
        _ state: inout StoreState,
        _ frame: inout LogFrameBuilder
    ) throws(StoreError) -> StoreReceipt {
        var receipt = StoreReceipt()
        let resolver = ChangeResolver(connection: connection, serials: self.serials)
        let writer = EntryWriter(connection: connection, serials: self.serials)
        for change in changes {
            let (entry, event) = try resolver.resolve(change, state)
            try writer.write(entry, &state)
            frame.append(entry)
            if let event { receipt.revocations.append(event) }
        }
        return receipt
    }
}
