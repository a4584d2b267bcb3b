package import CountersignTransport
package import Glibc

/// Whole files, read and written at once.
package enum FileContent {
    /// What was read, all of the file that was opened, whatever is renamed meanwhile.
    package struct Snapshot: Sendable {
        /// The content.
        package let bytes: [UInt8]
        /// The permission bits.
        package let permissions: mode_t
        /// The user whose file it is.
        package let owner: uid_t
        /// How many nanoseconds of the wall clock ago it was written, within a century.
        package let age: Int64
    }

    /// Reads a regular file.
    ///
    /// - Throws: `SystemError` that names the file; `EFBIG` when it has more than `maximumBytes`, `EINVAL` when it is
    ///   not a regular file.
    package static func read(
        _ path: String,
        maximumBytes: Int
    ) throws(SystemError) -> Snapshot {
        let action = "read \(path)"
        // Without O_NONBLOCK, opening a pipe that nobody writes to would wait forever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError(action: action) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(action: action) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(action: action, code: EINVAL) }
        guard Int(status.st_size) <= maximumBytes else { throw SystemError(action: action, code: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        var filled = 0
        while true {
            if filled == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(action: action) }
            filled += count
            guard filled <= maximumBytes else { throw SystemError(action: action, code: EFBIG) }
            if count == 0 {
                return Snapshot(
                    bytes: Array(bytes[..<filled]),
                    permissions: status.st_mode & 0o777,
                    owner: status.st_uid,
                    age: age(since: status.st_mtim)
                )
            }
        }
    }

    private static func age(since time: timespec) -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let seconds = min(max(now.tv_sec - time.tv_sec, -3_000_000_000), 3_000_000_000)
        return Int64(seconds) * 1_000_000_000 + Int64(now.tv_nsec - time.tv_nsec)
    }

    /// Writes a file that must not exist yet, and brings it to the disk.
    ///
    /// - Throws: `SystemError` that names the file, which may be there in part then.
    package static func write(_ bytes: [UInt8], toNew path: String, mode: mode_t) throws(SystemError) {
        let action = "write \(path)"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw SystemError(action: action) }
        defer { close(descriptor) }
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError(action: action) }
            sent += count
        }
        // The process's umask may have taken bits away.
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw SystemError(action: action) }
    }

    /// Changes whose a regular file is and who may read it; at no moment may somebody read it who may neither before nor
    /// after.
    ///
    /// - Parameters:
    ///   - path: the file; a link is not followed.
    ///   - mode: the permissions.
    ///   - userID: the owner; nil leaves it.
    ///   - groupID: the group; nil leaves it.
    /// - Throws: `SystemError` that names the file.
    package static func setAccess(
        to path: String,
        mode: mode_t,
        userID: uid_t?,
        groupID: gid_t?
    ) throws(SystemError) {
        let action = "give \(path) to another user or group"
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError(action: action) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0, fchown(descriptor, userID ?? uid_t.max, groupID ?? gid_t.max) == 0,
            fchmod(descriptor, mode) == 0, fsync(descriptor) == 0
        else { throw SystemError(action: action) }
    }
}
