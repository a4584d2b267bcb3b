import CountersignFiles
import CountersignTransport
import Glibc

/// A segment file that is open for writing and for reading; closed with its last owner.
final class SpoolSegment: Sendable {
    /// The segment's number.
    let number: UInt64
    private let path: String
    private let descriptor: Int32
    private let identity: FileIdentity

    /// Opens a segment, or makes it.
    ///
    /// - Throws: `SystemError` that names the file; `EINVAL` for what is no regular file, `EPERM` for another user's.
    init(_ number: UInt64, in folder: String, isNew: Bool) throws(SystemError) {
        self.number = number
        self.path = Self.path(of: number, in: folder)
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (isNew ? O_CREAT | O_EXCL : 0)
        self.descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else { throw SystemError(action: "open \(path)") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(action: "open \(path)") }
        self.identity = FileIdentity(status)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(action: "open \(path), which is no regular file", code: EINVAL)
        }
        guard status.st_uid == geteuid() else {
            throw SystemError(action: "use \(path), which belongs to user \(status.st_uid)", code: EPERM)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Writes bytes behind those that there are, as a whole.
    ///
    /// They get where they belong even when somebody has cut the file off.
    ///
    /// - Returns: nil when all were written; else why not, and whether the file is as before.
    func append(_ bytes: [UInt8], at length: Int) -> (error: SystemError, isRestored: Bool)? {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + sent },
                    buffer.count - sent,
                    length + sent
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = SystemError(action: "write \(path)", code: count == 0 ? ENOSPC : errno)
                return (error, sent == 0 || ftruncate(descriptor, length) == 0)
            }
            sent += count
        }
        return nil
    }

    /// Shortens the file.
    ///
    /// - Throws: `SystemError` that names the file.
    func truncate(to length: Int) throws(SystemError) {
        guard ftruncate(descriptor, length) == 0 else { throw SystemError(action: "truncate \(path)") }
    }

    /// Reads at most `count` bytes from an offset; fewer at the end of the file.
    ///
    /// - Throws: `SystemError` that names the file.
    func read(
        from offset: Int,
        upTo count: Int,
        unreadable: SegmentBytes.Unreadable = .fails
    ) throws(SystemError) -> [UInt8] {
        try SegmentBytes.read(descriptor, path, from: offset, upTo: count, unreadable: unreadable)
    }

    /// The number of bytes in the file.
    ///
    /// - Throws: `SystemError` that names the file.
    func length() throws(SystemError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(action: "read \(path)") }
        return Int(status.st_size)
    }

    /// Brings what was written to the disk.
    ///
    /// - Throws: `SystemError` that names the file.
    func sync() throws(SystemError) {
        guard fdatasync(descriptor) == 0 else { throw SystemError(action: "write \(path)") }
    }

    /// How many bytes the file has; nil when it is not under its path any more.
    var lengthInPlace: Int? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, FileIdentity(status) == identity else { return nil }
        return Int(status.st_size)
    }

    /// Removes the file, and no other one that is under its path.
    func remove() {
        guard lengthInPlace != nil else { return }
        _ = unsafe unlink(path)
    }

    /// Writes the beginning of the file to a new one of the same number, and that to the disk.
    ///
    /// - Throws: `SystemError` that names the file; there is no new one then.
    func copy(_ length: Int, to folder: String) throws(SystemError) -> SpoolSegment {
        let copy = try SpoolSegment(number, in: folder, isNew: true)
        do throws(SystemError) {
            var place = 0
            while place < length {
                let bytes = try read(from: place, upTo: min(Self.copyLength, length - place))
                guard !bytes.isEmpty else { break }
                if let failure = copy.append(bytes, at: place) { throw failure.error }
                place += bytes.count
            }
            try copy.sync()
        } catch {
            copy.remove()
            throw error
        }
        return copy
    }

    /// The path of a segment.
    static func path(of number: UInt64, in folder: String) -> String { "\(folder)/\(name(of: number))" }

    /// The file name of a segment.
    static func name(of number: UInt64) -> String {
        let digits = String(number)
        return "\(namePrefix)\(String(repeating: "0", count: max(0, 20 - digits.count)))\(digits)"
    }

    /// The number of the segment with a file name; nil for other files.
    static func number(of name: String) -> UInt64? {
        guard let number = UInt64(name.dropFirst(namePrefix.count)), isNumber(number), name == Self.name(of: number)
        else { return nil }
        return number
    }

    /// Whether a segment can have a number; one a microsecond makes no greater one in thirty thousand years.
    static func isNumber(_ number: UInt64) -> Bool { (1...greatest) ~= number }

    /// Whether a number leaves room for those of all segments that may come after it.
    static func hasRoom(after number: UInt64) -> Bool { number <= greatest / 2 }

    private static let greatest: UInt64 = 1_000_000_000_000_000_000

    /// What the names of all segments begin with.
    static let namePrefix = "segment-"
    private static let copyLength = 1024 * 1024
}
