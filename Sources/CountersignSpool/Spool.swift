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
    private let home: Mutex<Home>
    private let state: Mutex<SpoolState>
    /// Where delivery stands, as the disk knows it; nil when it knows nothing.
    private let savedCursor: Mutex<SpoolPosition?>

    /// Where the files are, and what keeps other processes away from there.
    private struct Home: Sendable {
        var folder: SpoolFolder
        var lock: FileLock
        var restorations = 0
    }

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
    /// - Throws: `SystemError` that names the file; `EWOULDBLOCK` when another process uses the folder, `EPERM` when it
    ///   belongs to another user.
    package init(folder: String, maximumBytes: Int) throws(SystemError) {
        let made = try SpoolFolder(folder)
        self.home = Mutex(Home(folder: made, lock: try FileLock(Self.lockPath(in: folder))))
        self.folder = folder
        self.limits = Limits(bytes: maximumBytes)
        let recovery = try SpoolRecovery(folder: folder)
        var findings = recovery.findings
        findings.openMode = made.openMode
        self.findings = findings
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
        do throws(SpoolFailure) {
            try put(record)
        } catch {
            // Without the folder there is no room for another segment.
            guard case .system(let fault) = error, fault.code == ENOENT, (try? restore()) != nil else { throw error }
            try put(record)
        }
    }

    private func put(_ record: [UInt8]) throws(SpoolFailure) {
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

    /// Looks whether the folder and its files are where they were, and writes anew what somebody has removed or moved.
    ///
    /// Nothing is lost by the removal, unless the process ends before this is called.
    ///
    /// - Returns: whether anything was missing.
    /// - Throws: `SystemError` that names what cannot be written anew; the next call tries again.
    @discardableResult
    package func restore() throws(SystemError) -> Bool {
        // One at a time, whoever is the first to notice.
        try home.withLock { home throws(SystemError) in
            let missing = sealMissing()
            guard !missing.isEmpty || !home.folder.isInPlace || !home.lock.isInPlace else { return false }
            if !home.folder.isInPlace { home.folder = try SpoolFolder(folder) }
            if !home.lock.isInPlace { home.lock = try FileLock(Self.lockPath(in: folder)) }
            for extent in missing {
                let name = SpoolSegment.name(of: extent.file.number)
                if FileIdentity(path: "\(folder)/\(name)") != nil { _ = try SpoolAside.put(name, in: folder) }
                let copy = try extent.file.copy(extent.length, to: folder)
                state.withLock { $0.replace(extent.file, with: copy, in: folder) }
            }
            savedCursor.withLock { $0 = nil }
            home.restorations += 1
            return true
        }
    }

    /// How often ``restore()`` has found something missing, and ``append(_:)`` by it.
    package var restorations: Int { home.withLock { $0.restorations } }

    /// The segments that are not where they were; nothing more is written to them.
    private func sealMissing() -> [SpoolState.Extent] {
        let absent = state.withLock { $0.segments }.filter { !$0.file.isInPlace }.map(\.file)
        return state.withLock { state in
            state.seal(absent)
            // What was delivered meanwhile has been removed by the spool itself.
            return state.segments.filter { extent in absent.contains { $0 === extent.file } }
        }
    }

    /// How far a segment has been written, and the one after it.
    func extent(of number: UInt64) -> (segment: SpoolSegment, length: Int, isSealed: Bool)? {
        state.withLock { $0.extent(of: number) }
    }

    /// The first segment with a larger number.
    func segment(after number: UInt64) -> UInt64? {
        state.withLock { state in state.segments.first { $0.file.number > number }?.file.number }
    }

    /// Where delivery stands.
    var acknowledged: SpoolPosition { state.withLock { $0.acknowledged } }

    /// The file that says where delivery stands.
    static func cursorPath(in folder: String) -> String { "\(folder)/\(cursorName)" }

    /// The name of the file that says where delivery stands.
    static let cursorName = "cursor"

    private static func lockPath(in folder: String) -> String { "\(folder)/lock" }
}
