package import CountersignTransport
import Glibc

/// A lock that one process of the host holds, until it lets go or ends in whatever way.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, without waiting; the file is made when it is missing and stays.
    ///
    /// - Throws: `SystemError` that names the file; `EWOULDBLOCK` when another process holds it.
    package init(_ path: String) throws(SystemError) {
        // Opened for reading, so that a file system that cannot be written to any more can still be locked.
        var descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0, errno == ENOENT {
            descriptor = unsafe open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        guard descriptor >= 0 else { throw SystemError(action: "open \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemError(action: "lock \(path)")
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
