import CountersignIssuance
import Glibc

/// Steps on files that a crash leaves done or not begun.
enum DurableFile {
    /// Whether anything is at that path.
    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Makes a file with these bytes, readable for its owner only, in one step: after a crash all of it is there or
    /// nothing.
    ///
    /// - Throws: `unavailable` when it cannot be written.
    static func create(_ path: String, _ bytes: [UInt8]) throws(StoreError) {
        let draft = path + ".new"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("make the file \(draft)") }
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let status = count == bytes.count ? fsync(descriptor) : -1
        let number = errno
        close(descriptor)
        guard status == 0 else { throw .system("write the file \(draft)", number) }
        try Self.move(draft, to: path)
    }

    /// Renames a file, durably.
    static func move(_ path: String, to newPath: String) throws(StoreError) {
        guard unsafe rename(path, newPath) == 0 else { throw .system("rename \(path) to \(newPath)") }
        try Self.synchronizeFolder(of: newPath)
    }

    /// Waits until the names in a file's folder are on disk.
    static func synchronizeFolder(of path: String) throws(StoreError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open the folder \(folder)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("write the folder \(folder) to disk") }
    }
}
