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

    /// Opens the file, or makes it with the mode of the settings; one that is there keeps what it has.
    ///
    /// - Parameters:
    ///   - settings: where it is, and its mode.
    ///   - known: files that are open here; when it is one of these, that one is returned.
    /// - Throws: `SystemError` that names it; `EWOULDBLOCK` when another process writes to it, `ELOOP` for a symbolic link,
    ///   `EPERM` when others than root and this process's user may change what it says.
    static func open(
        _ settings: AuditSettings.File,
        unlessAmong known: [AuditFileHandle] = []
    ) throws(SystemError) -> AuditFileHandle {
        let mode: mode_t = settings.isGroupReadable ? 0o640 : 0o600
        let (descriptor, isNew) = try openOrMake(settings.path, mode)
        do throws(SystemError) {
            let status = try check(descriptor, settings.path)
            if let own = known.first(where: { $0.identity == FileIdentity(status) }) {
                close(descriptor)
                return own
            }
            try keepOthersAway(descriptor, settings.path)
            let found = status.st_mode & 0o777
            guard found != mode else { return AuditFileHandle(descriptor, status, nil) }
            // The process's umask may have taken bits of a new one away.
            if isNew, fchmod(descriptor, mode) == 0 { return AuditFileHandle(descriptor, status, nil) }
            let fault = isNew ? SystemError(action: "change the mode of \(settings.path)") : nil
            return AuditFileHandle(descriptor, status, AuditFile.ForeignMode(found, mode, fault))
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func openOrMake(_ path: String, _ mode: mode_t) throws(SystemError) -> (Int32, isNew: Bool) {
        // Without O_NONBLOCK, opening a pipe that nobody reads would wait forever. Whoever may write to the folder could
        // have a link lead to any file that this process may write to.
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW
        var descriptor = unsafe Glibc.open(path, flags)
        guard descriptor < 0, errno == ENOENT else { return (try opened(descriptor, path), isNew: false) }
        descriptor = unsafe Glibc.open(path, flags | O_CREAT | O_EXCL, mode)
        guard descriptor < 0, errno == EEXIST else { return (try opened(descriptor, path), isNew: true) }
        // Somebody has made it in between, as logrotate does.
        return (try opened(unsafe Glibc.open(path, flags), path), isNew: false)
    }

    private static func opened(_ descriptor: Int32, _ path: String) throws(SystemError) -> Int32 {
        guard descriptor < 0 else { return descriptor }
        guard errno == ELOOP else { throw SystemError(action: "open the audit file \(path)") }
        throw SystemError(action: "open the audit file \(path), which may be no symbolic link", code: ELOOP)
    }

    /// Refuses what is no file, and a file that others than root and this process's user may write to as they like.
    private static func check(_ descriptor: Int32, _ path: String) throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw SystemError(action: "open the audit file \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(action: "append to \(path), which is no regular file", code: EINVAL)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw SystemError(
                action:
                    "use the audit file \(path), which belongs to user \(status.st_uid); it has to belong to root or "
                    + "to user \(geteuid()), as whom this process runs",
                code: EPERM
            )
        }
        // The bit of the group also stands for whomever a list of access rights lets write.
        guard status.st_mode & (S_IWOTH | S_IWGRP) == 0 else {
            let who = status.st_mode & S_IWOTH == 0 ? "its group" : "everybody"
            throw SystemError(action: "use the audit file \(path), to which \(who) may write", code: EPERM)
        }
        return status
    }

    /// Sees to it that nobody else writes to the file, as far as owner, mode and locks can.
    ///
    /// - Throws: `SystemError` with `EWOULDBLOCK` when another process does, `EPERM` when others have got the right to.
    func keepOthersAway(from path: String) throws(SystemError) {
        _ = try Self.check(descriptor, path)
        try Self.keepOthersAway(descriptor, path)
    }

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
