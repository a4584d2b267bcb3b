import CountersignFiles
import CountersignTransport
import Glibc

/// The folder of a spool, which is its owner's alone, as it holds what the events say.
struct SpoolFolder: Sendable {
    /// The path.
    let path: String
    /// The permissions that it had, in octal digits, when others than its owner had any.
    let openMode: String?
    private let identity: FileIdentity

    /// Makes the folder when it is missing, and takes it from others than its owner when they may do anything there.
    ///
    /// - Throws: `SystemError` that names the folder; `EPERM` when it belongs to another user.
    init(_ path: String) throws(SystemError) {
        try Folder.make(path)
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(action: "open the folder \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(action: "open the folder \(path)") }
        guard status.st_uid == geteuid() else {
            throw SystemError(
                action: "use the folder \(path), which belongs to user \(status.st_uid); it has to belong to user "
                    + "\(geteuid()), as whom this process runs",
                code: EPERM
            )
        }
        let mode = status.st_mode & 0o777
        if mode & 0o077 != 0, fchmod(descriptor, 0o700) != 0 {
            throw SystemError(action: "take the folder \(path) from others than its owner")
        }
        self.path = path
        self.openMode = mode & 0o077 == 0 ? nil : "0" + String(mode, radix: 8)
        self.identity = FileIdentity(status)
    }

    /// Whether the path still leads to the folder.
    var isInPlace: Bool { FileIdentity(path: path) == identity }
}
