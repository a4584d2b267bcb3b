package import CountersignTransport
package import Glibc

/// Writes files so that a reader sees the old content or the new, never a part: beside the file, to the disk, renamed.
package enum AtomicFile {
    /// Writes a file, replacing what was there; when it returns, the new content outlasts a crash of the system.
    ///
    /// It has the permissions `mode` from the moment that it exists; 0o600 for private keys.
    ///
    /// - Throws: `SystemError` that names the file.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(SystemError) {
        let beside = "\(path)\(infix)\(getpid())"
        // Only an earlier process with this number can have left it behind.
        _ = unsafe unlink(beside)
        do throws(SystemError) {
            try FileContent.write(bytes, toNew: beside, mode: mode)
        } catch {
            _ = unsafe unlink(beside)
            throw SystemError(action: "write \(path)", code: error.code)
        }
        guard unsafe rename(beside, path) == 0 else {
            let error = SystemError(action: "replace \(path)")
            _ = unsafe unlink(beside)
            throw error
        }
        try Folder.sync(Folder.parent(of: path))
    }

    /// Removes what processes that died while writing a file left beside it; for when nobody else writes it.
    package static func removeLeftovers(of path: String) {
        let folder = Folder.parent(of: path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        for entry in (try? Folder.entries(of: folder)) ?? [] where entry.hasPrefix("\(name)\(infix)") {
            _ = unsafe unlink("\(folder)/\(entry)")
        }
    }

    private static let infix = ".new-"
}
