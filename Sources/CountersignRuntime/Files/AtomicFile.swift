package import CountersignTransport
package import Glibc

/// Writes files so that a reader sees the old content or the new, never a part: beside the file, to the disk, renamed.
package enum AtomicFile {
    /// Writes a file, replacing what was there.
    ///
    /// It has the permissions `mode` from the moment that it exists; 0o600 is for private keys.
    ///
    /// - Throws: `SystemError` that names the file.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(SystemError) {
        let beside = "\(path).new-\(getpid())"
        let descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemError(action: "write \(path)") }
        do throws(SystemError) {
            try writeAll(bytes, to: descriptor, path: path)
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
                throw SystemError(action: "write \(path)")
            }
        } catch {
            close(descriptor)
            _ = unsafe unlink(beside)
            throw error
        }
        close(descriptor)
        guard unsafe rename(beside, path) == 0 else {
            let error = SystemError(action: "replace \(path)")
            _ = unsafe unlink(beside)
            throw error
        }
    }

    /// Makes a folder that only its owner may enter, and those above it; one that exists is left as it is.
    ///
    /// - Throws: `SystemError` that names the folder.
    package static func makeFolder(_ path: String) throws(SystemError) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError(action: "make the folder \(path)")
        }
        try makeFolder(String(path[..<slash]))
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemError(action: "make the folder \(path)")
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(SystemError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError(action: "write \(path)") }
            sent += count
        }
    }
}
