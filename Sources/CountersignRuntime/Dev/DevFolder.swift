import CountersignAgent
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
    private let services: [String]
    private let made = Mutex(Made())

    private struct Made {
        /// Whether the folder itself is ours.
        var isFolder = false
        /// Whether everything is ours that goes by the names that are written here.
        var isContent = false
    }

    private static let storeName = "store"
    private static let tokenName = "admin.token"
    private static let ownNames = ["ca.pem", ".lock", ".generations", storeName, tokenName]

    /// The file with the administrator's token.
    var tokenFile: String { "\(path)/\(Self.tokenName)" }
    /// The authority's database.
    var database: String { "\(path)/\(Self.storeName)/authority.db" }

    /// Takes the folder into use.
    ///
    /// - Parameters:
    ///   - wanted: the folder, which is made when it is not there; without one, a new folder under `TMPDIR` or /tmp.
    ///   - services: whose certificates will be written in it; nothing of theirs, nor of the authority's, may be there.
    /// - Throws: ``ToolError`` that names the option and the path, ``SystemError`` when a folder cannot be made.
    init(_ wanted: String?, for services: [String]) throws {
        self.services = services
        guard let wanted else {
            self.path = try Self.makeTemporaryFolder()
            made.withLock { $0 = Made(isFolder: true, isContent: true) }
            try Folder.make("\(path)/\(Self.storeName)")
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
            made.withLock { $0 = Made(isFolder: true, isContent: true) }
            try Folder.make("\(path)/\(Self.storeName)")
            return
        }
        guard mode & S_IFMT == S_IFDIR else { throw ToolError("--folder \(shown) is no folder") }
        guard mode & 0o022 == 0 else {
            throw ToolError("--folder \(shown) can be written to by others than its owner; chmod 700 mends it")
        }
        for name in services + Self.ownNames where Self.mode(of: "\(path)/\(name)") != nil {
            throw ToolError("\(shown)/\(name) is already there and is not touched; name another --folder")
        }
        made.withLock { $0.isContent = true }
        try Folder.make("\(path)/\(Self.storeName)")
    }

    deinit {
        remove()
    }

    /// Removes what was written; what somebody else has put into the folder stays.
    func remove() {
        let made = self.made.withLock { made in
            defer { made = Made() }
            return made
        }
        if made.isContent {
            CertificateDirectory.remove(services, from: path)
            try? Folder.removeFlat("\(path)/\(Self.storeName)")
            _ = unsafe unlink(tokenFile)
        }
        if made.isFolder { _ = unsafe rmdir(path) }
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
