import CountersignFiles
import CountersignTransport
import Glibc
import Synchronization

/// A file of JSON lines that is appended to, and opened anew under its path when somebody has moved it.
///
/// One process writes to it, and it has the permissions of the settings, whatever it had before.
final class AuditFile: Sendable {
    /// Permissions of a file that were not those of the settings.
    struct ForeignMode: Sendable, Hashable {
        /// What they were, in octal digits.
        let found: String
        /// What they should be.
        let wanted: String
        /// Why they still are not; nil when they are.
        let fault: SystemError?
    }

    private struct State {
        var handle: Handle
        /// Whether the file ends within a line, which is ended before the next one.
        var endsWithinLine: Bool
        var isDirty = false
        /// What nobody has been told of yet.
        var foreignMode: ForeignMode?

        init(_ handle: Handle) {
            self.handle = handle
            self.endsWithinLine = handle.endsWithinLine
            self.foreignMode = handle.foreignMode
        }
    }

    /// An open file; closed with its last owner.
    private final class Handle: Sendable {
        let descriptor: Int32
        let identity: FileIdentity
        let foreignMode: ForeignMode?

        /// Takes over a descriptor that is open.
        private init(_ descriptor: Int32, _ status: stat, _ foreignMode: ForeignMode?) {
            self.descriptor = descriptor
            self.identity = FileIdentity(status)
            self.foreignMode = foreignMode
        }

        static func open(_ settings: AuditSettings.File) throws(SystemError) -> Handle {
            let mode: mode_t = settings.isGroupReadable ? 0o640 : 0o600
            // Without O_NONBLOCK, opening a pipe that nobody reads would wait forever.
            let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            var descriptor = unsafe Glibc.open(settings.path, flags)
            let isNew = descriptor < 0 && errno == ENOENT
            if isNew { descriptor = unsafe Glibc.open(settings.path, flags | O_CREAT, mode) }
            guard descriptor >= 0 else { throw SystemError(action: "open the audit file \(settings.path)") }
            do throws(SystemError) {
                let status = try take(descriptor, settings.path)
                let found = status.st_mode & 0o777
                // The process's umask may have taken bits of a new one away.
                let isMended = found == mode || fchmod(descriptor, mode) == 0
                let fault = isMended ? nil : SystemError(action: "change the mode of \(settings.path)")
                let foreignMode = ForeignMode(found, mode, fault)
                return Handle(descriptor, status, isNew || found == mode ? nil : foreignMode)
            } catch {
                close(descriptor)
                throw error
            }
        }

        /// Keeps other processes from a regular file.
        private static func take(_ descriptor: Int32, _ path: String) throws(SystemError) -> stat {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else {
                throw SystemError(action: "open the audit file \(path)")
            }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError(action: "append to \(path), which is no regular file", code: EINVAL)
            }
            // A file system that knows no locks keeps no event from being written.
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                throw SystemError(
                    action: "use the audit file \(path), to which another process writes",
                    code: EWOULDBLOCK
                )
            }
            return status
        }

        deinit {
            close(descriptor)
        }

        /// Whether the last byte is another one than a line feed.
        var endsWithinLine: Bool {
            let end = lseek(descriptor, 0, SEEK_END)
            var last: UInt8 = 0
            guard end > 0, unsafe pread(descriptor, &last, 1, end - 1) == 1 else { return false }
            return last != UInt8(ascii: "\n")
        }
    }

    private let settings: AuditSettings.File
    private let state: Mutex<State>

    /// Opens the file.
    ///
    /// - Throws: `SystemError` that names it.
    init(_ settings: AuditSettings.File) throws(SystemError) {
        self.settings = settings
        self.state = Mutex(State(try Handle.open(settings)))
    }

    /// The permissions that the file had when it was opened, where they were others; told once.
    func takeForeignMode() -> ForeignMode? {
        state.withLock { state in
            defer { state.foreignMode = nil }
            return state.foreignMode
        }
    }

    /// Appends a line, whole or not at all.
    ///
    /// - Throws: `SystemError` that names the file, as when the disk is full.
    func append(_ line: [UInt8]) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            let bytes = state.endsWithinLine ? [UInt8(ascii: "\n")] + line : line
            let descriptor = state.handle.descriptor
            var count = 0
            repeat {
                count = unsafe write(descriptor, bytes, bytes.count)
            } while count < 0 && errno == EINTR
            guard count == bytes.count else {
                let code = count < 0 ? errno : ENOSPC
                if count > 0 {
                    // Half a line would be read as a line; it is taken back unless somebody else has written behind it.
                    let own = lseek(descriptor, 0, SEEK_CUR)
                    let end = lseek(descriptor, 0, SEEK_END)
                    let isRestored = own == end && end >= count && ftruncate(descriptor, end - count) == 0
                    state.endsWithinLine = !isRestored || state.endsWithinLine
                }
                throw SystemError(action: "write the audit file \(settings.path)", code: code)
            }
            state.endsWithinLine = false
            state.isDirty = true
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
    /// - Returns: whether it did.
    /// - Throws: `SystemError` that names the file; the old one stays in use.
    func reopenIfMoved() throws(SystemError) -> Bool {
        let handle = state.withLock { $0.handle }
        if FileIdentity(path: settings.path) == handle.identity { return false }
        let next = try Handle.open(settings)
        // The last lines of the old file are synced before it is let go.
        try? sync()
        state.withLock { state in
            state = State(next)
            state.isDirty = true
        }
        return true
    }
}

extension AuditFile.ForeignMode {
    fileprivate init(_ found: mode_t, _ wanted: mode_t, _ fault: SystemError?) {
        self.init(found: Self.digits(found), wanted: Self.digits(wanted), fault: fault)
    }

    private static func digits(_ mode: mode_t) -> String { "0" + String(mode, radix: 8) }
}
