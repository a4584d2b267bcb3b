package import Glibc

/// Which file of the host it is, whatever its name.
package struct FileIdentity: Sendable, Hashable {
    private let device: dev_t
    private let number: ino_t

    /// Takes it out of what the system says of a file.
    package init(_ status: stat) {
        (device, number) = (status.st_dev, status.st_ino)
    }

    /// The file to which a path leads; nil when there is none.
    package init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }
}
