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

    private let limits: Limits
    private let home: SpoolHome
    /// Held by the one that restores.
    private let restoring = Mutex(Restorations())
    private let state: Mutex<SpoolState>
    /// Where delivery stands, as the disk knows it; nil when it knows nothing.
    private let savedCursor: Mutex<SpoolPosition?>

    /// What was done about files that somebody had removed.
    private struct Restorations: Sendable {
        var count = 0
        /// Files that were in the way, which nobody has been told of yet.
        var setAside: [String] = []
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
        self.home = try SpoolHome(folder)
        self.limits = Limits(bytes: maximumBytes)
        let recovery = try SpoolRecovery(folder: folder)
        var findings = recovery.findings
        findings.openMode = home.openMode
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
            guard case .system(let fault) = error, fault.code == ENOENT else { throw error }
            do throws(SystemError) { try restore() } catch { throw .system(error) }
            try put(record)
        }
    }

    private func put(_ record: [UInt8]) throws(SpoolFailure) {
        try state.withLock { state throws(SpoolFailure) in
            if state.bytes + record.count > limits.bytes {
                state.removeDelivered(in: home, includingActive: true)
                guard state.bytes + record.count <= limits.bytes else { throw .full }
            }
            try state.append(record, in: home, segmentBytes: limits.segmentBytes)
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
            state.removeDelivered(in: home, includingActive: false)
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
            if work.hasNewNames { try Folder.sync(home.path) }
        } catch {
            state.withLock { state in
                state.unsynced += work.segments
                state.hasNewNames = state.hasNewNames || work.hasNewNames
            }
            throw error
        }
        guard savedCursor.withLock({ $0 }) != work.cursor else { return }
        try home.check()
        try AtomicFile.write(Array(work.cursor.text.utf8), to: Self.cursorPath(in: home.path), mode: 0o600)
        savedCursor.withLock { $0 = work.cursor }
    }

    /// Looks whether the folder and its files are as they were left, and writes anew what somebody has removed or moved.
    ///
    /// Nothing is lost by the removal, unless the process ends before this is called. While another process has the
    /// folder, nothing is written to it.
    ///
    /// - Returns: whether anything was missing.
    /// - Throws: `SystemError` that names what cannot be written anew; the next call tries again.
    @discardableResult
    package func restore() throws(SystemError) -> Bool {
        // One at a time, whoever is the first to notice.
        try restoring.withLock { done throws(SystemError) in
            let missing = sealChanged()
            let isHome = home.isInPlace
            guard !missing.isEmpty || !isHome else { return false }
            if !isHome { try retakeHome() }
            for extent in missing {
                let name = SpoolSegment.name(of: extent.file.number)
                if FileIdentity(path: "\(home.path)/\(name)") != nil {
                    let other = try SpoolAside.put(name, in: home.path)
                    done.setAside.append("\(name) (in the way of a file that was removed), now \(other)")
                }
                let copy = try extent.file.copy(extent.length, to: home.path)
                state.withLock { $0.replace(extent.file, with: copy) }
            }
            savedCursor.withLock { $0 = nil }
            done.count += 1
            return true
        }
    }

    private func retakeHome() throws(SystemError) {
        do throws(SystemError) {
            try home.retake()
        } catch {
            // Whoever has the folder may use the segment as well.
            state.withLock { $0.isOpen = false }
            throw error
        }
    }

    /// How often ``restore()`` has found something missing, and ``append(_:)`` by it.
    package var restorations: Int { restoring.withLock { $0.count } }

    /// How many files were found to be shorter than what was written to them; what they have lost is told as damage when
    /// it is read.
    package var cutFiles: Int { state.withLock { $0.cutSegments } }

    /// Files that ``restore()`` found in the way and set aside: each with the reason, and its new name; told once.
    package func takeSetAside() -> [String] {
        restoring.withLock { done in
            defer { done.setAside = [] }
            return done.setAside
        }
    }

    /// The segments that are not where they were; nothing more is written to them, nor to those that were cut off.
    private func sealChanged() -> [SpoolState.Extent] {
        // What is written after this only makes files longer than they have to be.
        let found = state.withLock { $0.segments }.map { ($0, $0.file.lengthInPlace) }
        let absent = found.filter { $0.1 == nil }.map(\.0.file)
        let cut = found.filter { extent, length in length.map { $0 < extent.length } ?? false }.map(\.0.file)
        return state.withLock { state in
            for file in cut { state.sealCut(file) }
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
}
