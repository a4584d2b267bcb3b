import Glibc

/// Whether a file could be written, found out without writing anything.
enum WriteCheck {
    /// Why a file cannot be opened for writing, in words that complete "the file …"; `nil` when it can.
    ///
    /// - Parameter isReplaced: whether it is replaced as a whole, which takes the right to write to its folder.
    static func fault(of path: String, isReplaced: Bool) -> String? {
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT == S_IFDIR { return "is a folder" }
        if isThere, !isReplaced {
            return unsafe access(path, W_OK) == 0 ? nil : "may not be written by this process"
        }
        let folder = folder(of: path)
        guard unsafe stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return "cannot be made: there is no folder \(folder)"
        }
        return unsafe access(folder, W_OK | X_OK) == 0
            ? nil : "cannot be made: the folder \(folder) may not be written to"
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
