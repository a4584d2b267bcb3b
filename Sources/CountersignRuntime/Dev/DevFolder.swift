import CountersignFiles
import CountersignPKI
import CountersignTransport
import Glibc
import Synchronization

/// The folder that `countersign dev` writes certificates to: nothing that was there is touched, and what was made is
/// removed at the end, also when the start fails.
final class DevFolder: Sendable {
    /// The folder, without a slash at its end.
    let path: String
    private let made = Mutex<(files: [String], folders: [String])>(([], []))

    /// Takes the folder into use.
    ///
    /// - Parameters:
    ///   - wanted: the folder, which is made when it is not there; without one, a new folder under `TMPDIR` or /tmp.
    ///   - names: what will be written in it; none of it may be there.
    /// - Throws: ``ToolError`` that names the option and the path, ``SystemError`` when a folder cannot be made.
    init(_ wanted: String?, for names: [String]) throws {
        guard let wanted else {
            self.path = try Self.makeTemporaryFolder()
            made.withLock { $0.folders = [self.path] }
            return
        }
        self.path = Self.withoutTrailingSlashes(wanted)
        guard !path.isEmpty else { throw ToolError("--folder must name a folder") }
        let shown = PrintableText.escaped(path)
        guard let mode = Self.mode(of: path) else {
            do throws(SystemError) {
                try Folder.make(path)
            } catch {
                throw ToolError("--folder \(shown): \(error)")
            }
            made.withLock { $0.folders = [self.path] }
            return
        }
        guard mode & S_IFMT == S_IFDIR else { throw ToolError("--folder \(shown) is no folder") }
        guard mode & 0o022 == 0 else {
            throw ToolError("--folder \(shown) can be written to by others than its owner; chmod 700 mends it")
        }
        for name in names where Self.mode(of: "\(path)/\(name)") != nil {
            throw ToolError("\(shown)/\(name) is already there and is not touched; name another --folder")
        }
    }

    deinit {
        remove()
    }

    /// Makes a folder in this one that only its owner may enter.
    ///
    /// - Throws: ``SystemError`` that names the folder.
    func makeFolder(_ name: String) throws(SystemError) {
        let folder = "\(path)/\(name)"
        guard !made.withLock({ $0.folders.contains(folder) }) else { return }
        guard unsafe mkdir(folder, 0o700) == 0 else { throw SystemError(action: "make the folder \(folder)") }
        made.withLock { $0.folders.append(folder) }
    }

    /// Writes a file of this folder, in place of what was written under the name before.
    ///
    /// - Throws: ``SystemError`` that names the file.
    func write(_ text: String, to name: String, mode: mode_t) throws(SystemError) {
        let file = "\(path)/\(name)"
        try AtomicFile.write(Array(text.utf8), to: file, mode: mode)
        made.withLock { if !$0.files.contains(file) { $0.files.append(file) } }
    }

    /// Removes what was made; a folder that somebody else put something into stays.
    func remove() {
        let (files, folders) = made.withLock { all in
            defer { all = ([], []) }
            return all
        }
        for file in files { _ = unsafe unlink(file) }
        for folder in folders.reversed() { _ = unsafe rmdir(folder) }
    }

    /// The type and rights of what is at a path, links not followed at its end; nil when nothing is.
    private static func mode(of path: String) -> mode_t? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        if status.st_mode & S_IFMT == S_IFLNK {
            var target = stat()
            if unsafe stat(path, &target) == 0 { return target.st_mode }
        }
        return status.st_mode
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/"), path != "/" { path.removeLast() }
        return path
    }

    private static func makeTemporaryFolder() throws(SystemError) -> String {
        let parent = ProcessEnvironment.value("TMPDIR").map(withoutTrailingSlashes) ?? "/tmp"
        var template = Array("\(parent)/countersign-dev-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw SystemError(action: "make a folder in \(parent)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
