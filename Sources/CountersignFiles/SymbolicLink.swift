package import CountersignTransport
import Glibc

/// Symbolic links, which can be pointed elsewhere in one step.
package enum SymbolicLink {
    /// Where a link points; nil when there is none.
    ///
    /// - Throws: `SystemError`, with `EINVAL` when something else than a link has that name.
    package static func target(of path: String) throws(SystemError) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(path, &buffer, buffer.count)
        guard count >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemError(action: "read the link \(path)")
        }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Points a link elsewhere, or makes it; a reader that follows it meets the old target or the new, never none.
    ///
    /// The new link is made as `beside` first, a name in the same folder that nothing else uses; what an interrupted call
    /// has left there is removed.
    ///
    /// - Throws: `SystemError` that names the link.
    package static func point(_ path: String, to target: String, beside: String) throws(SystemError) {
        _ = unsafe unlink(beside)
        guard unsafe symlink(target, beside) == 0 else { throw SystemError(action: "write \(beside)") }
        guard unsafe rename(beside, path) == 0 else {
            let error = SystemError(action: "replace \(path)")
            _ = unsafe unlink(beside)
            throw error
        }
        try Folder.sync(Folder.parent(of: path))
    }
}
