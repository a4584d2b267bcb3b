import CountersignControlModel
import CountersignFiles
import CountersignTransport
import Glibc

/// The lines that a control plane has told, on disk: a router starts from them when nobody is there to tell.
///
/// A batch is appended with its checksum and flushed when it was applied. A file that has grown to three times what it says is written anew
/// in one step, and so is one that could not be written or that somebody has changed. What a crash has cut off at the end
/// is not a whole batch, and counts for nothing. A file that is damaged elsewhere, or has a gap, does not count at all: a
/// permission that was removed after the damage must not come back.
struct ControlCopy {
    /// Why the file that was loaded does not count; nil when it does, or when there was none.
    private(set) var damage: String?
    private let path: String
    private var size = 0
    /// The size of the file when it was written whole; 0 when the next batch cannot be appended to it.
    private var freshSize = 0

    /// Whether the file is there.
    var exists: Bool { unsafe access(path, F_OK) == 0 }

    init(path: String) {
        self.path = path
    }

    /// The batches that were kept, fed to a position; none when there is no file, or when it is damaged.
    ///
    /// - Returns: what was known last, and all that it comes to.
    /// - Throws: ``SystemError`` when there is a file that cannot be read.
    mutating func load() throws(SystemError) -> (position: RoutingPosition, content: ControlledContent) {
        damage = nil
        // The next batch cannot follow what a crash has cut off, so that the file is begun anew.
        freshSize = 0
        guard exists else { return (RoutingPosition(), ControlledContent()) }
        var reading = ControlCopyReading()
        let bytes = try FileContent.read(path, maximumBytes: Self.maximumBytes).bytes
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if let reason = reading.take(line, isLast: index == lines.count - 1) {
                damage = "the copy \(path) is damaged in line \(index + 1) and does not count: \(reason)"
                return (RoutingPosition(), ControlledContent())
            }
        }
        if reading.position.known == nil { damage = "the copy \(path) has no whole batch and does not count" }
        return (reading.position, reading.content)
    }

    /// Keeps a batch that leads to what is known now.
    ///
    /// - Parameters:
    ///   - batch: what has changed.
    ///   - before: the version before it; nil when the batch is everything.
    ///   - known: the numbering and the version after it.
    ///   - content: everything after it.
    /// - Throws: ``SystemError`` when the file cannot be written.
    mutating func keep(
        _ batch: RoutingPosition.Batch,
        after before: Int64?,
        _ known: (epoch: String, sequence: Int64),
        of content: ControlledContent
    ) throws(SystemError) {
        if let before, !batch.isReset, freshSize > 0, size < freshSize * 3 + Self.slack {
            var bytes = batch.lines.flatMap(\.bytes)
            bytes += RoutingLine.sync(epoch: known.epoch, after: before, sequence: known.sequence).bytes
            bytes += ControlCopyReading.check(bytes)
            if append(bytes) {
                size += bytes.count
                return
            }
        }
        try rewrite(known, content)
    }

    /// Writes the whole file anew, in one step.
    ///
    /// - Parameters:
    ///   - known: the numbering and the version that are known.
    ///   - content: everything.
    /// - Throws: ``SystemError`` when the file cannot be written.
    mutating func rewrite(
        _ known: (epoch: String, sequence: Int64),
        _ content: ControlledContent
    ) throws(SystemError) {
        // Nothing may be appended behind a write that has failed.
        freshSize = 0
        var bytes = content.whole.lines.flatMap(\.bytes)
        bytes += RoutingLine.sync(epoch: known.epoch, after: 0, sequence: known.sequence).bytes
        bytes += ControlCopyReading.check(bytes)
        try AtomicFile.write(bytes, to: path, mode: 0o600)
        size = bytes.count
        freshSize = bytes.count
    }

    /// Appends to the file that was written before, and flushes it.
    ///
    /// - Returns: whether all was written; false too when the file is not the one that was left.
    private func append(_ bytes: [UInt8]) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, Int(status.st_size) == size else { return false }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return fdatasync(descriptor) == 0
    }

    private static let maximumBytes = 1024 * 1024 * 1024
    private static let slack = 1024 * 1024
}
