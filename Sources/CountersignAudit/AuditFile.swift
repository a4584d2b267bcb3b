import CountersignFiles
import CountersignTransport
import Glibc
import Synchronization

/// A file of JSON lines that is appended to, and opened anew under its path when somebody has moved or removed it.
///
/// A line that was appended is in the file that was under the path last, or in one that is moved after that.
///
/// One process writes to it. It is made with the permissions of the settings; one that is there keeps those that it has.
final class AuditFile: Sendable {
    /// Permissions of a file that are not those of the settings.
    struct ForeignMode: Sendable, Hashable {
        /// What they are, in octal digits.
        let found: String
        /// What they should be.
        let wanted: String
        /// Why a new file could not get them; nil for one that was there, which keeps what it has.
        let fault: SystemError?
    }

    private struct State: Sendable {
        var handle: AuditFileHandle
        /// Whether the file is known to have no name any more.
        var isRemoved = false
        /// Whether it was opened anew, and nobody has been told.
        var isAnew = false
        /// Whether the file ends within a line, which is ended before the next one.
        var endsWithinLine: Bool
        /// How many bytes the file has at least, unless somebody has cut it off.
        var length: Int
        /// Whether somebody has cut it off, and nobody has been told.
        var isCut = false
        /// Files with bytes that may not be on the disk: this one, and those that were moved.
        var unsynced: [AuditFileHandle] = []
        /// Those of them whose bytes are being brought to the disk.
        var syncing: [AuditFileHandle] = []
        /// What nobody has been told of yet.
        var foreignMode: ForeignMode?

        init(_ handle: AuditFileHandle) {
            self.handle = handle
            self.endsWithinLine = handle.endsWithinLine
            self.length = handle.length
            self.foreignMode = handle.foreignMode
        }

        /// Goes over to the file that is under the path now, which is made when there is none.
        ///
        /// A file that was moved and moved back is the one that is open here: its lock would keep another opening of it away.
        mutating func openAnew(_ settings: AuditSettings.File) throws(SystemError) {
            isRemoved = handle.isRemoved
            // Nobody can read what is in a file without a name.
            let former = unsynced.filter { $0 !== handle || !isRemoved }
            let syncing = syncing
            self = State(try AuditFileHandle.open(settings, unlessAmong: former + syncing + [handle]))
            (isAnew, unsynced, self.syncing) = (true, former + [handle], syncing)
        }

        /// Writes a line, whole or not at all.
        ///
        /// - Returns: why it is not there; nil when it is.
        mutating func write(_ line: [UInt8], _ path: String) -> SystemError? {
            let bytes = endsWithinLine ? [UInt8(ascii: "\n")] + line : line
            var count = 0
            repeat {
                count = unsafe Glibc.write(handle.descriptor, bytes, bytes.count)
            } while count < 0 && errno == EINTR
            guard count == bytes.count else {
                let code = count < 0 ? errno : ENOSPC
                if count > 0 { takeBack(count) }
                return SystemError(action: "write the audit file \(path)", code: code)
            }
            length += count
            endsWithinLine = false
            if unsynced.last !== handle { unsynced.append(handle) }
            return nil
        }

        /// Half a line would be read as a line; it is taken back unless somebody else has written behind it.
        private mutating func takeBack(_ count: Int) {
            let own = lseek(handle.descriptor, 0, SEEK_CUR)
            let end = lseek(handle.descriptor, 0, SEEK_END)
            let isRestored = own == end && end >= count && ftruncate(handle.descriptor, end - count) == 0
            endsWithinLine = !isRestored || endsWithinLine
        }

        /// Notices when the file is shorter than what was written to it.
        mutating func measure() {
            let found = handle.length
            if found < length { isCut = true }
            length = found
        }
    }

    private let settings: AuditSettings.File
    private let state: Mutex<State>

    /// Opens the file.
    ///
    /// - Throws: `SystemError` that names it.
    init(_ settings: AuditSettings.File) throws(SystemError) {
        self.settings = settings
        self.state = Mutex(State(try AuditFileHandle.open(settings)))
    }

    /// The permissions of the file where they are others than those of the settings; told once.
    func takeForeignMode() -> ForeignMode? {
        state.withLock { state in
            defer { state.foreignMode = nil }
            return state.foreignMode
        }
    }

    /// Whether somebody was found to have cut the file off, as a program does that copies and empties it; told once.
    func takeCut() -> Bool {
        state.withLock { state in
            defer { state.isCut = false }
            return state.isCut
        }
    }

    /// Appends a line, whole or not at all, to the file that is under the path when it is there.
    ///
    /// A file that was moved may be read for the last time and removed at any moment, as by a program that compresses it:
    /// what comes behind the move is written to a new file, and may be in the moved one as well.
    ///
    /// - Throws: `SystemError` that names the file, as when the disk is full, or when the file was removed and cannot be
    ///   made anew.
    func append(_ line: [UInt8]) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            if state.isRemoved { try state.openAnew(settings) }
            for _ in 0..<Self.mostMoves {
                let failure = state.write(line, settings.path)
                // Asked behind the write: a file that still has its name then has the line before anybody moves it, and
                // whoever reads it after the move finds the line.
                guard FileIdentity(path: settings.path) != state.handle.identity else {
                    if let failure { throw failure }
                    return
                }
                do throws(SystemError) {
                    try state.openAnew(settings)
                } catch {
                    // A moved file has the line, and is the best that there is.
                    guard failure == nil, !state.isRemoved else { throw error }
                    return
                }
            }
            throw SystemError(action: "write the audit file \(settings.path), which is moved all the time", code: EBUSY)
        }
    }

    /// Brings what was written to the disk; for one thread.
    ///
    /// - Throws: `SystemError` that names the file; the next call tries again.
    func sync() throws(SystemError) {
        let handles = state.withLock { state in
            defer { state.unsynced = [] }
            state.syncing = state.unsynced
            return state.unsynced
        }
        defer { state.withLock { $0.syncing = [] } }
        var left: [AuditFileHandle] = []
        var failure: SystemError?
        for handle in handles where fdatasync(handle.descriptor) != 0 {
            failure = SystemError(action: "write the audit file \(settings.path)")
            left.append(handle)
        }
        guard let failure else { return }
        state.withLock { state in
            state.unsynced = left.filter { handle in !state.unsynced.contains { $0 === handle } } + state.unsynced
        }
        throw failure
    }

    /// Opens the path anew when it leads to another file than the one that is written to, or to none.
    ///
    /// - Returns: whether the file has been opened anew since the last call, by this one or by ``append(_:)``.
    /// - Throws: `SystemError` that names the file. One that was moved stays in use; `EWOULDBLOCK` when another process
    ///   writes to the file.
    func reopenIfMoved() throws(SystemError) -> Bool {
        try state.withLock { state throws(SystemError) in
            defer { state.isAnew = false }
            guard FileIdentity(path: settings.path) != state.handle.identity else {
                state.measure()
                try state.handle.keepOthersAway(from: settings.path)
                return state.isAnew
            }
            try state.openAnew(settings)
            return true
        }
    }

    /// How often in a row a line is written to a file that is moved before anybody knows it to be there.
    private static let mostMoves = 8
}
