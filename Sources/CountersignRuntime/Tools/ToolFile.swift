import CountersignIdentity
import CountersignPKI
import Foundation

/// The files that command-line tools read and write.
package enum ToolFile {
    /// The largest file that is read, in bytes.
    package static let maximumSize = 64 * 1_024 * 1_024

    /// Reads a whole file.
    ///
    /// - Throws: ``ToolError`` when it is absent, not readable, not a regular file, or too large.
    package static func read(_ path: String) throws(ToolError) -> [UInt8] {
        try self.read(path, secret: nil)
    }

    /// Reads a whole file that holds a secret: a private key, or what `secret` says, as "a token".
    ///
    /// - Throws: ``ToolError`` as ``read(_:)`` does, and when anyone but the owner has any right to the file.
    package static func readSecret(
        _ path: String,
        holding secret: String = "a private key"
    ) throws(ToolError) -> [UInt8] {
        try self.read(path, secret: secret)
    }

    /// Writes a file so that it is there complete or not at all: beside its place, flushed, then moved.
    ///
    /// - Parameters:
    ///   - path: Where the file is to be.
    ///   - content: What is to be in it.
    ///   - mode: The rights, such as 0600; the umask does not widen them.
    ///   - replaces: Whether a file that is already there is replaced; otherwise it is an error.
    /// - Throws: ``ToolError``.
    package static func write(
        _ path: String,
        _ content: String,
        mode: UInt32,
        replaces: Bool
    ) throws(ToolError) {
        let name = self.shown(path)
        let temporary = path + ".\(UInt32.random(in: .min ... .max)).tmp"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw ToolError("\(name) cannot be written: \(self.reason())") }
        defer { _ = unsafe unlink(temporary) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(content.utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw ToolError("\(name) cannot be written: \(error.localizedDescription)")
        }
        // A link does not replace: two writers at once cannot overwrite one another.
        guard unsafe replaces ? rename(temporary, path) == 0 : link(temporary, path) == 0 else {
            throw ToolError("\(name) cannot be written: \(self.reason())\(replaces ? "" : "; --force replaces it")")
        }
    }

    /// Makes a directory, and those above it, where they are not there.
    ///
    /// - Throws: ``ToolError``.
    package static func makeDirectory(_ path: String) throws(ToolError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ToolError("\(self.shown(path)) cannot be made: \(error.localizedDescription)")
        }
    }

    /// Whether something is at that path.
    package static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    private static func read(_ path: String, secret: String?) throws(ToolError) -> [UInt8] {
        let name = self.shown(path)
        try self.refuseNamedPipe(path, name)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ToolError("\(name) cannot be read: \(self.reason())") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // The rights are those of the file that was opened, so that it cannot be changed in between.
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw ToolError("\(name) cannot be read: \(self.reason())")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw ToolError("\(name) is a directory; a file is expected") }
        if let secret, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 {
            throw ToolError(
                "\(name) holds \(secret) and is open to others (mode 0\(String(status.st_mode & 0o777, radix: 8))); "
                    + "run: chmod 600 \(name)"
            )
        }
        let data: Data
        do {
            data = try handle.read(upToCount: self.maximumSize + 1) ?? Data()
        } catch {
            throw ToolError("\(name) cannot be read: \(error.localizedDescription)")
        }
        guard data.count <= self.maximumSize else {
            throw ToolError("\(name) is larger than \(self.maximumSize) bytes")
        }
        return Array(data)
    }

    /// Refuses a named pipe, which would be waited for until somebody writes to it.
    ///
    /// A pipe of the process itself, such as the shell's `<(...)`, is a link and has a writer.
    private static func refuseNamedPipe(_ path: String, _ name: String) throws(ToolError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        throw ToolError("\(name) is a named pipe; a file is expected")
    }

    /// What tells whether two paths are of one file: its number where it is there, else its place.
    package static func identity(of path: String) -> String {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return "\(status.st_dev):\(status.st_ino)" }
        let place = URL(fileURLWithPath: path).standardizedFileURL
        return place.deletingLastPathComponent().resolvingSymlinksInPath().path + "/" + place.lastPathComponent
    }

    /// The path for a message; nothing of one that is not there and may be a key given in its place.
    private static func shown(_ path: String) -> String {
        guard KeyMaterial.mayBe(in: path), !self.exists(path) else { return PrintableText.escaped(path) }
        return KeyMaterial.placeholder
    }

    private static func reason() -> String {
        unsafe String(cString: strerror(errno))
    }
}
