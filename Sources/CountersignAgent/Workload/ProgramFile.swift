import CountersignTransport
import Crypto
import Glibc

/// The program that a process runs, held open: whatever is put in its place afterwards, it is this file that is looked at.
final class ProgramFile: Sendable {
    /// What tells one content of a file from another: writing to it, or putting another in its place, changes one of them.
    struct Version: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var modified: [Int64]
        var changed: [Int64]
    }

    let version: Version
    private let descriptor: Int32

    /// The largest program that is digested, in bytes.
    static let maximumSize: Int64 = 256 << 20

    /// Opens what a process runs.
    ///
    /// The number has to be held by a `ProcessHandle` that is alive afterwards; otherwise it may be another's.
    ///
    /// - Returns: nil when the system does not let this process look, or the process has no program.
    init?(ofProcess processID: Int32) {
        let descriptor = unsafe open("/proc/\(processID)/exe", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard let version = Self.version(of: descriptor) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.version = version
    }

    deinit {
        close(descriptor)
    }

    /// The path at which the file is; nil when it was deleted, or something else is there by now.
    var path: String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes -> Int in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe readlink("/proc/self/fd/\(descriptor)", start, bytes.count)
        }
        guard count > 0, count < buffer.count, buffer[0] == UInt8(ascii: "/"),
            let path = String(validating: buffer[..<count], as: UTF8.self)
        else { return nil }
        var facts = stat()
        // A file that was deleted is still told, with words behind its path; there can be a file of just that name.
        guard unsafe stat(path, &facts) == 0, UInt64(facts.st_dev) == version.device,
            UInt64(facts.st_ino) == version.inode
        else { return nil }
        return path
    }

    /// The SHA-256 digest of the file; nil when it is too large, cannot be read, or changes meanwhile.
    func sha256() -> [UInt8]? {
        guard version.size <= Self.maximumSize else { return nil }
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        var offset: Int64 = 0
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0, offset <= Self.maximumSize else { return nil }
            if count == 0 { break }
            hash.update(data: buffer[..<count])
            offset += Int64(count)
        }
        guard offset == version.size, Self.version(of: descriptor) == version else { return nil }
        return Array(hash.finalize())
    }

    private static func version(of descriptor: Int32) -> Version? {
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Version(
            device: UInt64(facts.st_dev),
            inode: UInt64(facts.st_ino),
            size: Int64(facts.st_size),
            modified: [Int64(facts.st_mtim.tv_sec), Int64(facts.st_mtim.tv_nsec)],
            changed: [Int64(facts.st_ctim.tv_sec), Int64(facts.st_ctim.tv_nsec)]
        )
    }
}
