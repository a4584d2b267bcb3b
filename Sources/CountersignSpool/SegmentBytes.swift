import CountersignTransport
import Glibc

/// Reads bytes of a segment file.
enum SegmentBytes {
    /// What becomes of bytes that the disk cannot read.
    enum Unreadable: Sendable {
        /// They end the reading.
        case fails
        /// Zeros stand for each block with any, which is damage to whoever looks for records.
        case isDamage
    }

    /// Reads at most `count` bytes from an offset; fewer at the end of the file.
    ///
    /// - Parameters:
    ///   - descriptor: the open file.
    ///   - path: its name, for the error.
    ///   - offset: where to begin.
    ///   - count: how many bytes.
    ///   - unreadable: what becomes of those that the disk cannot read.
    /// - Throws: `SystemError` that names the file.
    static func read(
        _ descriptor: Int32,
        _ path: String,
        from offset: Int,
        upTo count: Int,
        unreadable: Unreadable
    ) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + filled },
                    buffer.count - filled,
                    offset + filled
                )
            }
            if got < 0, errno == EINTR { continue }
            if got < 0, errno == EIO, unreadable == .isDamage {
                filled = min(count, ((offset + filled) / blockLength + 1) * blockLength - offset)
                continue
            }
            guard got >= 0 else { throw SystemError(action: "read \(path)") }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// What disks and file systems read at once at least.
    private static let blockLength = 4096
}
