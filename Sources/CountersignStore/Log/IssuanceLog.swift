import CountersignIssuance

/// The append-only file that holds every change before the database does.
///
/// It is not thread-safe: the store's writing thread owns it.
final class IssuanceLog {
    /// The file.
    let file: LogFile
    /// The random number that tells it from other logs.
    let identifier: [UInt8]

    /// Makes a new log.
    ///
    /// - Throws: `unavailable` when the file cannot be written.
    static func create(path: String) throws(StoreError) -> IssuanceLog {
        var generator = SystemRandomNumberGenerator()
        let identifier = (0..<LogFormat.identifierLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try DurableFile.create(path, LogFormat.magic + identifier)
        return try IssuanceLog(path: path)
    }

    /// Opens an existing log.
    ///
    /// - Throws: `unavailable` when it cannot be read, `newerSchema` when its layout is newer, `needsReconciliation`
    ///   when it is no issuance log.
    init(path: String) throws(StoreError) {
        self.file = try LogFile(path: path)
        let header = try self.file.read(at: 0, count: LogFormat.headerLength)
        let kind = LogFormat.magic.count - 4
        guard header.count == LogFormat.headerLength, header.prefix(kind) == LogFormat.magic.prefix(kind) else {
            throw StoreError(.needsReconciliation, "\(path) is no issuance log, or its first bytes were altered")
        }
        guard header.prefix(LogFormat.magic.count) == LogFormat.magic[...] else {
            throw StoreError(.newerSchema, "the issuance log \(path) was written by a newer version; run that one")
        }
        self.identifier = Array(header.suffix(LogFormat.identifierLength))
    }

    /// Writes a frame behind `position` and waits until it is on disk.
    ///
    /// - Returns: the end of the frame.
    /// - Throws: ``GroupFailure`` when that fails; the log then ends at `position` as before, unless it says otherwise.
    func append(_ frame: consuming LogFrameBuilder, after position: LogPosition) throws(GroupFailure) -> LogPosition {
        let number = position.frame + 1
        let (bytes, hash) = frame.finish(number: number, after: position.hash)
        do throws(StoreError) {
            try self.file.write(bytes, at: position.offset)
            try self.file.synchronize()
        } catch {
            try self.retract(to: position, because: error)
        }
        return LogPosition(offset: position.offset + Int64(bytes.count), frame: number, hash: hash)
    }

    /// Cuts off what follows `position`, a frame that nobody was told of, and throws the error that made it necessary.
    func retract(to position: LogPosition, because error: StoreError) throws(GroupFailure) -> Never {
        do throws(StoreError) {
            try self.cut(to: position)
        } catch {
            throw GroupFailure(error: error, isUndone: false)
        }
        throw GroupFailure(error: error, isUndone: true)
    }

    /// Cuts off what follows `position`, durably.
    func cut(to position: LogPosition) throws(StoreError) {
        try self.file.truncate(to: position.offset)
        try self.file.synchronize()
    }
}
