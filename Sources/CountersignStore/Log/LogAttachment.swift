import CountersignIssuance
import CountersignPKI
import GRDB

/// Brings database and log together when a store is opened.
struct LogAttachment {
    private let path: String
    private let options: SQLiteStoreOptions
    private let database: Database
    private let serials: SerialIndex

    /// Opens or makes the log of a database and compares the two.
    ///
    /// - Returns: the writer, and whether the store may be used.
    /// - Throws: `needsReconciliation` when the log is missing, too short or altered and its loss is not accepted;
    ///   `unavailable` and `newerSchema`.
    static func attach(
        path: String,
        options: SQLiteStoreOptions,
        _ database: Database
    ) throws(StoreError) -> (GroupWriter, StoreCondition) {
        let state = try StoreState.read(database)
        let serials = SerialIndex(try RecentSerials.read(database, after: state.indexed), batch: options.indexBatch)
        return try LogAttachment(path: path, options: options, database: database, serials: serials).attach(state)
    }

    private func attach(_ state: StoreState) throws(StoreError) -> (GroupWriter, StoreCondition) {
        guard DurableFile.exists(self.path) else {
            if state.logIdentifier == nil {
                return (try self.begin(with: try .create(path: self.path), state), .ready)
            }
            return (try self.replace(nil, state, because: "\(self.path) is missing"), .ready)
        }
        let log: IssuanceLog
        do throws(StoreError) {
            log = try IssuanceLog(path: self.path)
        } catch {
            guard error.code == .needsReconciliation else { throw error }
            return (try self.replace(nil, state, because: error.message), .ready)
        }
        guard state.logIdentifier == nil else { return try self.join(log, self.writer(log, state)) }
        return try self.join(log, self.begin(with: log, state))
    }

    /// Ties a new database to a log: a new one, or one whose database is gone.
    private func begin(with log: IssuanceLog, _ state: StoreState) throws(StoreError) -> GroupWriter {
        let writer = self.writer(log, state)
        try writer.adopt(LogFormat.start(identifier: log.identifier), self.database)
        return writer
    }

    private func join(_ log: IssuanceLog, _ writer: GroupWriter) throws(StoreError) -> (GroupWriter, StoreCondition) {
        let (comparison, end) = try LogComparison.of(log, with: writer.state)
        switch comparison {
        case .current:
            try log.cut(to: end)
            return (writer, .ready)
        case .ahead(let frames) where frames == 1:
            // The process was stopped between log and database.
            _ = try writer.replay(self.database)
            return (writer, .ready)
        case .ahead(let frames):
            let message = """
                the database is older than the issuance log \(self.path), by \(frames) groups of changes, as after the \
                restore of a backup: reconcile the store, which makes these changes again
                """
            return (writer, .needsReconciliation(message))
        case .lost(let reason, let isReplayable):
            if isReplayable && self.options.acceptLostLog { _ = try writer.replay(self.database) }
            return (try self.replace(log, writer.state, because: reason), .ready)
        }
    }

    /// Gives up the log, where that is accepted: puts it aside, begins a new one, and raises all numbers far above any
    /// that the lost part can have given out.
    private func replace(
        _ log: IssuanceLog?,
        _ state: StoreState,
        because reason: String
    ) throws(StoreError) -> GroupWriter {
        guard self.options.acceptLostLog else {
            let message = """
                the issuance log does not match the database: \(reason). Bring the log file back as it was. Only if that \
                is impossible, reconcile once with --accept-lost-log: certificates and revocations that are in neither are \
                then forgotten
                """
            throw StoreError(.needsReconciliation, message)
        }
        let now = self.options.now()
        if DurableFile.exists(self.path) {
            try DurableFile.move(self.path, to: "\(self.path).lost-\(now)")
        }
        let fresh = try IssuanceLog.create(path: self.path)
        let newest = try databaseCall {
            try Int64.fetchOne(self.database, sql: "SELECT max(number) FROM revocation_lists") ?? 0
        }
        let writer = self.writer(fresh, state)
        try writer.adopt(LogFormat.start(identifier: fresh.identifier), self.database)
        let record = AuditRecord(
            sequence: state.auditSequence + 1,
            date: now,
            actor: "store",
            action: "store.accept_lost_log",
            target: self.path,
            outcome: .done,
            detail: reason
        )
        let numbers = [state.revocationSequence, max(newest, state.listNumberFloor)]
        let jump = numbers.map { ($0 + SQLiteStoreOptions.numberJump).databaseValue }
        try writer.write(
            [LogEntry(kind: .numberJump, values: jump), LogEntry(kind: .audit, values: record.values)],
            self.database
        )
        return writer
    }

    private func writer(_ log: IssuanceLog, _ state: StoreState) -> GroupWriter {
        GroupWriter(state: state, log: log, serials: self.serials, observer: self.options.observer)
    }
}
