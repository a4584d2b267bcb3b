package import CountersignTransport
package import Glibc

/// Folders of the file system.
package enum Folder {
    /// Makes a folder, and those above it; one that exists is left as it is.
    ///
    /// Those that are made have the permissions `mode`: for their owner alone unless told otherwise.
    ///
    /// - Throws: `SystemError` that names the folder.
    package static func make(_ path: String, mode: mode_t = 0o700) throws(SystemError) {
        if try makeOne(path, mode: mode) { return }
        let above = parent(of: path)
        guard above != path else { throw SystemError(action: "make the folder \(path)", code: ENOENT) }
        try make(above, mode: mode)
        guard try makeOne(path, mode: mode) else {
            throw SystemError(action: "make the folder \(path)", code: ENOENT)
        }
    }

    /// The names in a folder without `.` and `..`, sorted.
    ///
    /// - Throws: `SystemError` that names the folder.
    package static func entries(of path: String) throws(SystemError) -> [String] {
        guard let stream = unsafe opendir(path) else { throw SystemError(action: "list the folder \(path)") }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Brings the names in a folder to the disk: what was made, renamed or removed in it outlasts a crash.
    ///
    /// - Throws: `SystemError` that names the folder.
    package static func sync(_ path: String) throws(SystemError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(action: "open the folder \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemError(action: "write the folder \(path)") }
    }

    /// Removes a folder and the files in it; not folders inside.
    ///
    /// - Throws: `SystemError` that names what could not be removed; one that is gone is no error.
    package static func removeFlat(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            for entry in try entries(of: path) where unsafe unlink("\(path)/\(entry)") != 0 && errno != ENOENT {
                throw SystemError(action: "remove \(path)/\(entry)")
            }
        } catch {
            guard error.code == ENOENT else { throw error }
            return
        }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw SystemError(action: "remove \(path)") }
    }

    /// The folder that a path is in.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// - Returns: false when the folder above is missing.
    private static func makeOne(_ path: String, mode: mode_t) throws(SystemError) -> Bool {
        guard unsafe mkdir(path, mode) == 0 else {
            if errno == ENOENT { return false }
            guard errno == EEXIST else { throw SystemError(action: "make the folder \(path)") }
            var status = stat()
            guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw SystemError(action: "make the folder \(path)", code: EEXIST)
            }
            return true
        }
        // The process's umask may have taken bits away.
        guard unsafe chmod(path, mode) == 0 else { throw SystemError(action: "make the folder \(path)") }
        return true
    }
}
