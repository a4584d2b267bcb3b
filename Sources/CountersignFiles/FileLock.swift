package import CountersignTransport
import Glibc

/// A lock that one process of the host holds, until it lets go or ends in whatever way.
package final class FileLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Takes the lock, without waiting; the file is made when it is missing and stays.
    ///
    /// - Throws: `SystemError` that names the file; `EWOULDBLOCK` when another process holds it, `EINVAL` for what is no
    ///   regular file.
    package init(_ path: String) throws(SystemError) {
        // Opened for reading, so that a file system that cannot be written to any more can still be locked; without
        // O_NONBLOCK, opening a pipe that nobody writes to would wait forever.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        var descriptor = unsafe open(path, flags)
        if descriptor < 0, errno == ENOENT { descriptor = unsafe open(path, flags | O_CREAT, 0o600) }
        guard descriptor >= 0 else { throw SystemError(action: "open \(path)") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SystemError(action: "lock \(path), which is no regular file", code: EINVAL)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = code == EWOULDBLOCK ? ", which another process holds" : ""
            close(descriptor)
            throw SystemError(action: "lock \(path)\(holder)", code: code)
        }
        self.descriptor = descriptor
        self.path = path
    }

    /// Whether the path still leads to the file that is locked, so that others who lock it are kept away.
    package var isInPlace: Bool {
        var held = stat()
        return unsafe fstat(descriptor, &held) == 0 && FileIdentity(path: path) == FileIdentity(held)
    }

    deinit {
        close(descriptor)
    }
}
