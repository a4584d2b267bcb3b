import CountersignIssuance

/// How the log stands to the database.
enum LogComparison {
    /// The database holds everything.
    case current
    /// The log holds this many frames more.
    case ahead(frames: Int)
    /// The log is not, or not wholly, the one that belongs to the database.
    case lost(reason: String, replayable: Bool)

    /// Up to this size a log is checked from its beginning when it is opened; a longer one from where the database is.
    static let fullCheckBytes: Int64 = 64 << 20

    /// Compares.
    ///
    /// - Returns: the comparison, and the end of the last good frame.
    /// - Throws: `unavailable` when the log cannot be read.
    static func of(_ log: IssuanceLog, with state: StoreState) throws(StoreError) -> (LogComparison, LogPosition) {
        let path = log.file.path
        guard log.identifier == state.logIdentifier else {
            return (.lost(reason: "\(path) belongs to another store", replayable: false), state.position)
        }
        let size = try log.file.size()
        guard size >= state.position.offset else {
            let missing = state.position.offset - size
            return (.lost(reason: "\(path) lacks its last \(missing) bytes", replayable: false), state.position)
        }
        guard try Self.holds(state.position, log, size) else {
            return (.lost(reason: "\(path) was altered", replayable: false), state.position)
        }
        var reader = try LogReader(log.file, from: state.position)
        var frames = 0
        while try reader.next() != nil { frames += 1 }
        if try reader.tail() == .altered {
            let reason = "\(path) was altered at byte \(reader.position.offset)"
            return (.lost(reason: reason, replayable: true), reader.position)
        }
        return (frames == 0 ? .current : .ahead(frames: frames), reader.position)
    }

    /// Whether the log, up to where the database is, is the one that the database knows.
    private static func holds(_ position: LogPosition, _ log: IssuanceLog, _ size: Int64) throws(StoreError) -> Bool {
        guard size <= Self.fullCheckBytes else {
            let length = LogFormat.hashLength
            guard position.frame > 0 else { return position == LogFormat.start(identifier: log.identifier) }
            return try log.file.read(at: position.offset - Int64(length), count: length) == position.hash
        }
        return try Self.verify(log, upTo: position)
    }

    /// Reads the log from its beginning up to a position; false when it does not lead there.
    static func verify(_ log: IssuanceLog, upTo position: LogPosition) throws(StoreError) -> Bool {
        var reader = try LogReader(log.file, from: LogFormat.start(identifier: log.identifier))
        while reader.position.frame < position.frame {
            guard try reader.next() != nil else { return false }
        }
        return reader.position == position
    }
}
