import CountersignFiles
import CountersignTransport
import Glibc

/// The audit file, open; closed with its last owner.
final class AuditFileHandle: Sendable {
    /// The open file.
    let descriptor: Int32
    /// Which file it is, whatever its name is by now.
    let identity: FileIdentity
    /// The permissions that it had, where they were others than those of the settings.
    let foreignMode: AuditFile.ForeignMode?

    /// Takes over a descriptor that is open.
    private init(_ descriptor: Int32, _ status: stat, _ foreignMode: AuditFile.ForeignMode?) {
        self.descriptor = descriptor
        self.identity = FileIdentity(status)
        self.foreignMode = foreignMode
    }

    deinit {
        close(descriptor)
    }

    /// Opens the file, or makes it.
    ///
    /// - Throws: `SystemError` that names it; `EWOULDBLOCK` when another process writes to it.
    static func open(_ settings: AuditSettings.File) throws(SystemError) -> AuditFileHandle {
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
            let foreignMode = AuditFile.ForeignMode(found, mode, fault)
            return AuditFileHandle(descriptor, status, isNew || found == mode ? nil : foreignMode)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Keeps other writers from a regular file.
    private static func take(_ descriptor: Int32, _ path: String) throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw SystemError(action: "open the audit file \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(action: "append to \(path), which is no regular file", code: EINVAL)
        }
        try keepOthersAway(descriptor, path)
        return status
    }

    /// Sees to it that no other process writes to the file, as far as locks can.
    ///
    /// - Throws: `SystemError` with `EWOULDBLOCK` when one does.
    func keepOthersAway(from path: String) throws(SystemError) { try Self.keepOthersAway(descriptor, path) }

    private static func keepOthersAway(_ descriptor: Int32, _ path: String) throws(SystemError) {
        // Where nobody can have the lock, no event stays unwritten for it.
        guard case .held = WriterLock.take(descriptor) else { return }
        throw SystemError(action: "use the audit file \(path), to which another process writes", code: EWOULDBLOCK)
    }

    /// Whether the file has no name any more, so that what is written to it is lost when it is closed.
    var isRemoved: Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_nlink == 0
    }

    /// How many bytes the file has; 0 when the system does not say.
    var length: Int {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether the last byte is another one than a line feed.
    var endsWithinLine: Bool {
        let end = lseek(descriptor, 0, SEEK_END)
        var last: UInt8 = 0
        guard end > 0, unsafe pread(descriptor, &last, 1, end - 1) == 1 else { return false }
        return last != UInt8(ascii: "\n")
    }
}

extension AuditFile.ForeignMode {
    fileprivate init(_ found: mode_t, _ wanted: mode_t, _ fault: SystemError?) {
        self.init(found: Self.digits(found), wanted: Self.digits(wanted), fault: fault)
    }

    private static func digits(_ mode: mode_t) -> String { "0" + String(mode, radix: 8) }
}
