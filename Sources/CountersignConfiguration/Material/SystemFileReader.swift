import Glibc

/// Reads files of this host.
package struct SystemFileReader: ConfigurationFileReader {
    /// Makes a reader.
    package init() {}

    package func read(_ path: String, maximumBytes: Int) throws(FileReadError) -> FileContents {
        // Without O_NONBLOCK, opening a pipe that nobody writes to would wait forever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.error(errno) }
        defer { close(descriptor) }
        // Asked of the open file, so that it cannot be exchanged in between.
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Self.error(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_size <= maximumBytes else { throw .tooLong(maximumBytes) }
        let bytes = try Self.readAll(descriptor, maximumBytes: maximumBytes)
        return FileContents(bytes: bytes, permissions: status.st_mode & 0o777)
    }

    private static func readAll(_ descriptor: Int32, maximumBytes: Int) throws(FileReadError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw error(errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else { throw .tooLong(maximumBytes) }
        }
    }

    private static func error(_ number: Int32) -> FileReadError {
        switch number {
        case ENOENT, ENOTDIR: .missing
        case EACCES, EPERM: .notPermitted
        case EISDIR: .notAFile
        default: .failed(errorNumber: number)
        }
    }
}
