import CountersignFiles
package import CountersignTransport
import Glibc
import Synchronization

/// A queue of records on the disk that outlasts the process: any thread puts in, one takes out and acknowledges.
///
/// A record is with the operating system when ``append(_:)`` returns, so that the end of the process, in whatever way,
/// loses none; ``sync()`` brings what there is to the disk, so that a loss of power costs at most what came after the last
/// one. What has been acknowledged is removed. What was acknowledged after the last ``sync()`` comes again after a crash.
///
/// One process at a time uses a folder.
package final class Spool: Sendable {
    /// What was found when the spool was opened.
    package let findings: SpoolFindings

    let folder: String
    private let limits: Limits
    private let lock: FileLock
    private let state: Mutex<SpoolState>
    /// Where delivery stands, as the disk knows it; only ``sync()`` uses it.
    private let savedCursor: Mutex<SpoolPosition>

    /// The bounds of a spool.
    struct Limits: Sendable {
        var bytes: Int
        var segmentBytes: Int

        /// Small segments for small spools, as the space of what was delivered is freed by whole segments.
        init(bytes: Int) {
            self.bytes = bytes
            self.segmentBytes = min(max(bytes / 16, 64 * 1024), 16 * 1024 * 1024)
        }
    }

    /// Opens a folder, which is made when it is missing, and puts what a crash has left in order.
    ///
    /// - Parameters:
    ///   - folder: for this spool alone.
    ///   - maximumBytes: what the records that wait may take on the disk.
    /// - Throws: `SystemError` that names the file; `EWOULDBLOCK` when another process uses the folder.
    package init(folder: String, maximumBytes: Int) throws(SystemError) {
        try Folder.make(folder)
        self.lock = try FileLock("\(folder)/lock")
        self.folder = folder
        self.limits = Limits(bytes: maximumBytes)
        let recovery = try SpoolRecovery(folder: folder)
        self.findings = recovery.findings
        self.state = Mutex(recovery.state)
        self.savedCursor = Mutex(recovery.state.acknowledged)
    }

    /// Bytes on the disk.
    package var bytes: Int { state.withLock { $0.bytes } }

    /// Records that have not been acknowledged.
    package var waiting: Int { state.withLock { $0.waiting } }

    /// Puts a record in.
    ///
    /// - Throws: ``SpoolFailure``; nothing of the record is in the spool then.
    package func append(_ payload: [UInt8]) throws(SpoolFailure) {
        guard let record = SpoolFormat.record(payload) else { throw .unfit }
        try state.withLock { state throws(SpoolFailure) in
            if state.bytes + record.count > limits.bytes {
                state.removeDelivered(in: folder, includingActive: true)
                guard state.bytes + record.count <= limits.bytes else { throw .full }
            }
            try state.append(record, in: folder, segmentBytes: limits.segmentBytes)
        }
    }

    /// Marks everything up to a place as dealt with: it does not come again, once ``sync()`` has been called.
    ///
    /// - Parameters:
    ///   - position: the place.
    ///   - count: how many records that are.
    package func acknowledge(through position: SpoolPosition, count: Int) {
        state.withLock { state in
            guard state.acknowledged < position else { return }
            state.acknowledged = position
            // Records that were damaged since they were put in are never acknowledged one by one.
            state.waiting = state.isDelivered ? 0 : max(0, state.waiting - count)
            state.removeDelivered(in: folder, includingActive: false)
        }
    }

    /// Brings records, and what has been acknowledged, to the disk.
    ///
    /// - Throws: `SystemError` that names the file; the next call tries again.
    package func sync() throws(SystemError) {
        let work = state.withLock { state in
            defer { (state.unsynced, state.hasNewNames) = ([], false) }
            return (segments: state.unsynced, hasNewNames: state.hasNewNames, cursor: state.acknowledged)
        }
        do throws(SystemError) {
            for segment in work.segments { try segment.sync() }
            if work.hasNewNames { try Folder.sync(folder) }
        } catch {
            state.withLock { state in
                state.unsynced += work.segments
                state.hasNewNames = state.hasNewNames || work.hasNewNames
            }
            throw error
        }
        guard savedCursor.withLock({ $0 }) != work.cursor else { return }
        try AtomicFile.write(Array(work.cursor.text.utf8), to: Self.cursorPath(in: folder), mode: 0o600)
        savedCursor.withLock { $0 = work.cursor }
    }

    /// How far a segment has been written, and the one after it.
    func extent(of number: UInt64) -> (segment: SpoolSegment, length: Int, isSealed: Bool)? {
        state.withLock { $0.extent(of: number) }
    }

    /// The first segment with this number or a larger one.
    func segment(atLeast number: UInt64) -> UInt64? {
        state.withLock { state in state.segments.first { $0.file.number >= number }?.file.number }
    }

    /// Where delivery stands.
    var acknowledged: SpoolPosition { state.withLock { $0.acknowledged } }

    /// The file that says where delivery stands.
    static func cursorPath(in folder: String) -> String { "\(folder)/cursor" }
}
