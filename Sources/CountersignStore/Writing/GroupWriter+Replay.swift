import CountersignIssuance
import GRDB

extension GroupWriter {
    /// How many changes are made again in one transaction of the database.
    private static let batch = 10_000

    /// Makes every change again that the log holds and the database does not, and cuts off a torn end of the log.
    ///
    /// - Throws: `needsReconciliation` when the changes do not fit, for the database then is no earlier state of this
    ///   log; `unavailable`. What was done before the error stays done.
    func replay(_ database: Database) throws(StoreError) -> ReconciliationReport {
        var report = ReconciliationReport()
        var reader = try LogReader(self.log.file, from: self.state.position)
        while try self.replayBatch(&reader, &report, database) {}
        if try reader.tail() == .torn {
            try self.log.cut(to: reader.position)
        }
        return report
    }

    private func replayBatch(
        _ reader: inout LogReader,
        _ report: inout ReconciliationReport,
        _ database: Database
    ) throws(StoreError) -> Bool {
        var changes = 0
        try self.change(database) { connection, state throws(StoreError) in
            try connection.run(.begin)
            while changes < Self.batch, let frame = try reader.next() {
                for entry in try frame.decode() {
                    try self.redo(entry, connection, &state)
                    report.count(entry)
                    changes += 1
                }
                state.position = reader.position
            }
            try self.serials.advance(connection, &state)
            try connection.run(.writeState, state.values)
            do throws(GroupFailure) {
                try connection.commit()
            } catch {
                throw error.error
            }
        }
        return changes > 0
    }

    private func redo(
        _ entry: LogEntry,
        _ connection: WriterConnection,
        _ state: inout StoreState
    ) throws(StoreError) {
        do throws(StoreError) {
            try EntryWriter(connection: connection, serials: self.serials).write(entry, &state)
        } catch {
            guard error.code != .unavailable else { throw error }
            let message = """
                the issuance log does not follow from the database: \(error.message); restore a backup that was not \
                changed since
                """
            throw StoreError(.needsReconciliation, message)
        }
    }
}

extension ReconciliationReport {
    fileprivate mutating func count(_ entry: LogEntry) {
        self.changes += 1
        switch entry.kind {
        case .certificate: self.certificates += 1
        case .revocation: self.revocations += 1
        default: break
        }
    }
}
