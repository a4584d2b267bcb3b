import CountersignFiles
import CountersignTransport
import Glibc
import Synchronization

/// A file of JSON lines that is appended to, and opened anew under its path when somebody has moved or removed it.
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
        var isDirty = false
        /// What nobody has been told of yet.
        var foreignMode: ForeignMode?

        init(_ handle: AuditFileHandle) {
            self.handle = handle
            self.endsWithinLine = handle.endsWithinLine
            self.foreignMode = handle.foreignMode
        }

        /// Goes over to the file that is under the path now, which is made when there is none.
        mutating func openAnew(_ settings: AuditSettings.File) throws(SystemError) {
            isRemoved = handle.isRemoved
            self = State(try AuditFileHandle.open(settings))
            (isAnew, isDirty) = (true, true)
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
            (endsWithinLine, isDirty) = (false, true)
            return nil
        }

        /// Half a line would be read as a line; it is taken back unless somebody else has written behind it.
        private mutating func takeBack(_ count: Int) {
            let own = lseek(handle.descriptor, 0, SEEK_CUR)
            let end = lseek(handle.descriptor, 0, SEEK_END)
            let isRestored = own == end && end >= count && ftruncate(handle.descriptor, end - count) == 0
            endsWithinLine = !isRestored || endsWithinLine
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

    /// Appends a line, whole or not at all; when somebody has removed the file, to a new one.
    ///
    /// - Throws: `SystemError` that names the file, as when the disk is full, or when the file was removed and cannot be
    ///   made anew.
    func append(_ line: [UInt8]) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            if state.isRemoved { try state.openAnew(settings) }
            let failure = state.write(line, settings.path)
            // Asked behind the write, as the file may be removed at any moment before.
            guard state.handle.isRemoved else {
                if let failure { throw failure }
                return
            }
            try state.openAnew(settings)
            if let failure = state.write(line, settings.path) { throw failure }
        }
    }

    /// Brings what was written to the disk.
    ///
    /// - Throws: `SystemError` that names the file.
    func sync() throws(SystemError) {
        let handle = state.withLock { state in
            defer { state.isDirty = false }
            return state.isDirty ? state.handle : nil
        }
        guard let handle, fdatasync(handle.descriptor) != 0 else { return }
        state.withLock { $0.isDirty = true }
        throw SystemError(action: "write the audit file \(settings.path)")
    }

    /// Opens the path anew when it leads to another file than the one that is written to, or to none.
    ///
    /// - Returns: whether the file has been opened anew since the last call, by this one or by ``append(_:)``.
    /// - Throws: `SystemError` that names the file. One that was moved stays in use; `EWOULDBLOCK` when another process
    ///   writes to the file.
    func reopenIfMoved() throws(SystemError) -> Bool {
        let found = try state.withLock { state throws(SystemError) -> (isAnew: Bool, former: State?) in
            defer { state.isAnew = false }
            guard FileIdentity(path: settings.path) != state.handle.identity else {
                try state.handle.keepOthersAway(from: settings.path)
                return (state.isAnew, nil)
            }
            let former = state
            try state.openAnew(settings)
            return (true, former)
        }
        // The last lines of the old file get to the disk before it is let go.
        if let former = found.former, former.isDirty { _ = fdatasync(former.handle.descriptor) }
        return found.isAnew
    }
}
