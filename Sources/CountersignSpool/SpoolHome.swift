import CountersignFiles
import CountersignTransport
import Glibc
import Synchronization

/// Where the files of a spool are, and the lock that keeps other processes away from there.
final class SpoolHome: Sendable {
    private struct Held: Sendable {
        var folder: SpoolFolder
        var lock: FileLock
    }

    /// The path of the folder.
    let path: String
    /// The permissions that the folder had, in octal digits, when others than its owner had any.
    let openMode: String?
    private let held: Mutex<Held>

    /// Makes the folder when it is missing, and locks it.
    ///
    /// - Throws: `SystemError` that names the file; `EWOULDBLOCK` when another process uses the folder, `EPERM` when it
    ///   belongs to another user.
    init(_ path: String) throws(SystemError) {
        let folder = try SpoolFolder(path)
        self.path = path
        self.openMode = folder.openMode
        self.held = Mutex(Held(folder: folder, lock: try FileLock(Self.lockPath(in: path))))
    }

    /// Whether the path still leads to the folder, and the folder still has the lock; else it may be another process's.
    var isInPlace: Bool { held.withLock { $0.folder.isInPlace && $0.lock.isInPlace } }

    /// Lets nobody write to a folder that may be another process's.
    ///
    /// - Throws: `SystemError` with `ENOENT` when the folder or its lock was removed.
    func check() throws(SystemError) {
        guard isInPlace else { throw SystemError(action: "use \(path), whose lock was removed", code: ENOENT) }
    }

    /// Makes and locks anew what was removed.
    ///
    /// - Throws: `SystemError` that names the file; `EWOULDBLOCK` when another process uses the folder by now.
    func retake() throws(SystemError) {
        try held.withLock { held throws(SystemError) in
            if !held.folder.isInPlace { held.folder = try SpoolFolder(path) }
            if !held.lock.isInPlace { held.lock = try FileLock(Self.lockPath(in: path)) }
        }
    }

    private static func lockPath(in folder: String) -> String { "\(folder)/lock" }
}
