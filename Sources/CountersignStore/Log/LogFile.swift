import CountersignIssuance
import Glibc

/// The file of an issuance log: positioned reads and writes, and the lock that keeps others off.
final class LogFile: Sendable {
    /// Where it is.
    let path: String

    private let descriptor: Int32

    /// Opens an existing log.
    ///
    /// - Throws: `unavailable` when it cannot be opened, or another store has it open.
    init(path: String) throws(StoreError) {
        self.path = path
        self.descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw .system("open the issuance log \(path)") }
        guard flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw StoreError(.unavailable, "the issuance log \(path) is in use by another store; give each its own")
        }
    }

    deinit {
        if self.descriptor >= 0 {
            close(self.descriptor)
        }
    }

    /// Lets another store have it.
    func unlock() {
        _ = flock(self.descriptor, LOCK_UN)
    }

    /// The number of its bytes.
    func size() throws(StoreError) -> Int64 {
        var status = stat()
        guard unsafe fstat(self.descriptor, &status) == 0 else { throw .system("look at \(self.path)") }
        return Int64(status.st_size)
    }

    /// At most `count` bytes from `offset` on; fewer at the end.
    func read(at offset: Int64, count: Int) throws(StoreError) -> [UInt8] {
        var filled = 0
        var number: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while filled < count {
                let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                let length = unsafe pread(self.descriptor, target.baseAddress, target.count, off_t(offset) + filled)
                if length < 0 && errno == EINTR { continue }
                number = length < 0 ? errno : 0
                guard length > 0 else { break }
                filled += length
            }
            initialized = filled
        }
        guard number == 0 else { throw .system("read \(self.path)", number) }
        return bytes
    }

    /// Writes all bytes at `offset`.
    func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
        var written = 0
        var number: Int32 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            while written < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                let length = unsafe pwrite(self.descriptor, rest.baseAddress, rest.count, off_t(offset) + written)
                if length < 0 && errno == EINTR { continue }
                guard length > 0 else {
                    number = length < 0 ? errno : ENOSPC
                    return
                }
                written += length
            }
        }
        guard number == 0 else { throw .system("write the issuance log \(self.path)", number) }
    }

    /// Waits until what was written is on disk.
    func synchronize() throws(StoreError) {
        guard fdatasync(self.descriptor) == 0 else { throw .system("write the issuance log \(self.path) to disk") }
    }

    /// Cuts everything from `offset` on.
    func truncate(to offset: Int64) throws(StoreError) {
        guard ftruncate(self.descriptor, off_t(offset)) == 0 else { throw .system("shorten \(self.path)") }
    }
}
