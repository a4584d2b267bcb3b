import CountersignIssuance
import Glibc

/// Keeps a second process, or a second store of this one, from the same file until it is released.
///
/// The lock is on a file of its own: closing any descriptor of the database file would end the locks that SQLite holds
/// on it.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of the store at `path`.
    ///
    /// - Throws: `unavailable` when another store has it, or its file cannot be made.
    init(path: String) throws(StoreError) {
        let lockPath = path + ".lock"
        let descriptor = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open the lock file \(lockPath)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            guard number == EWOULDBLOCK else { throw .system("lock \(lockPath)", number) }
            throw StoreError(
                .unavailable,
                "the store \(path) is in use by another process; one store serves one authority"
            )
        }
        self.descriptor = descriptor
    }

    /// Gives the lock back.
    func release() {
        _ = flock(self.descriptor, LOCK_UN)
    }

    deinit {
        close(self.descriptor)
    }
}
