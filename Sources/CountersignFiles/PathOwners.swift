package import CountersignTransport
package import Glibc

/// Who decides what a path leads to.
package enum PathOwners {
    /// The owners of a file, of each folder on the way to it, and of each symbolic link that is followed: any of them can have the path
    /// lead to another file.
    ///
    /// A relative path begins in the working directory. A folder that others than its owner may write to, without being bound
    /// to their own files in it (the sticky bit), gives everybody that power; its owner is one who has let them.
    ///
    /// - Returns: the owners, and the first such folder of one of `trusted`, where there is one.
    /// - Throws: `SystemError` that names what cannot be looked at; `ELOOP` after 40 links.
    package static func all(
        of path: String,
        trusted: Set<uid_t>
    ) throws(SystemError) -> (owners: Set<uid_t>, openFolder: String?) {
        var owners: Set<uid_t> = []
        var openFolder: String?
        var resolved = path.utf8.first == UInt8(ascii: "/") ? "" : try workingDirectory()
        var pending = components(path)
        var links = 0
        while let next = pending.popLast() {
            if next == ".." {
                resolved = String(resolved[..<(resolved.lastIndex(of: "/") ?? resolved.startIndex)])
                continue
            }
            let place = "\(resolved)/\(next)"
            let status = try status(of: place)
            owners.insert(status.st_uid)
            guard status.st_mode & S_IFMT == S_IFLNK else {
                resolved = place
                if isOpen(status), trusted.contains(status.st_uid) { openFolder = openFolder ?? place }
                continue
            }
            links += 1
            guard links <= mostLinks, let target = try SymbolicLink.target(of: place) else {
                throw SystemError(action: "follow \(path)", code: ELOOP)
            }
            if target.utf8.first == UInt8(ascii: "/") { resolved = "" }
            pending += components(target)
        }
        return (owners, openFolder)
    }

    private static let mostLinks = 40

    /// The parts of a path, the last one first.
    private static func components(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.reversed().map { String($0) }
    }

    private static func workingDirectory() throws(SystemError) -> String {
        guard let path = unsafe getcwd(nil, 0) else { throw SystemError(action: "find the working directory") }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    private static func status(of place: String) throws(SystemError) -> stat {
        var status = stat()
        guard unsafe lstat(place, &status) == 0 else { throw SystemError(action: "look at \(place)") }
        return status
    }

    private static func isOpen(_ status: stat) -> Bool {
        status.st_mode & S_IFMT == S_IFDIR && status.st_mode & 0o022 != 0 && status.st_mode & S_ISVTX == 0
    }
}
