import CountersignTransport
import Glibc
import Synchronization

/// A file of JSON lines that is appended to, and opened anew under its path when somebody has moved it.
final class AuditFile: Sendable {
    private struct State {
        var handle: Handle
        /// Whether the file ends within a line, which is ended before the next one.
        var endsWithinLine: Bool
        var isDirty = false
    }

    /// An open file; closed with its last owner.
    private final class Handle: Sendable {
        let descriptor: Int32
        let device: dev_t
        let number: ino_t

        init(_ settings: AuditSettings.File) throws(SystemError) {
            let action = "open the audit file \(settings.path)"
            let mode: mode_t = settings.isGroupReadable ? 0o640 : 0o600
            // Without O_NONBLOCK, opening a pipe that nobody reads would wait forever.
            let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            descriptor = unsafe open(settings.path, flags, mode)
            guard descriptor >= 0 else { throw SystemError(action: action) }
            var status = stat()
            let isKnown = unsafe fstat(descriptor, &status) == 0
            (device, number) = (status.st_dev, status.st_ino)
            guard isKnown else { throw SystemError(action: action) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError(action: "append to \(settings.path), which is no regular file", code: EINVAL)
            }
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
        let handle = try Handle(settings)
        self.state = Mutex(State(handle: handle, endsWithinLine: handle.endsWithinLine))
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
        var status = stat()
        let isThere = unsafe stat(settings.path, &status) == 0
        if isThere, status.st_dev == handle.device, status.st_ino == handle.number { return false }
        let next = try Handle(settings)
        // The last lines of the old file are synced before it is let go.
        try? sync()
        state.withLock { state in
            state.handle = next
            state.endsWithinLine = next.endsWithinLine
            state.isDirty = true
        }
        return true
    }
}
