import Glibc

/// Which names in which folders decide what a set of paths leads to.
///
/// Each component of a path is a name that can be exchanged: a folder that is replaced, a link that is pointed at the
/// next generation of files (`certs -> generation-7`, `..data -> ..2026_01_31`). So each is watched in the folder that
/// it is in, with links followed.
struct WatchPlan: Equatable {
    /// The names that count, by the folder that they are in; folders are absolute and free of links.
    private(set) var names: [String: Set<String>] = [:]

    /// The folders in which the files themselves are, whose content can be written in place.
    private(set) var contentFolders: Set<String> = []

    /// Follows the paths as they lead now; relative ones start from the process's folder.
    init(paths: [String]) {
        let current = Self.currentFolder
        for path in Set(paths) {
            follow(path.hasPrefix("/") ? path : "\(current)/\(path)")
        }
    }

    private mutating func follow(_ path: String) {
        var rest = Self.components(path)[...]
        var folder = ""
        var links = 0
        while let name = rest.popFirst() {
            if name == ".." {
                folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
                continue
            }
            let parent = folder.isEmpty ? "/" : folder
            names[parent, default: []].insert(name)
            if rest.isEmpty { contentFolders.insert(parent) }
            let full = "\(folder)/\(name)"
            if let target = Self.linkTarget(of: full) {
                links += 1
                guard links <= Self.maximumLinks else { return }
                if target.hasPrefix("/") { folder = "" }
                rest = (Self.components(target) + rest)[...]
            } else {
                // What is behind a name that is not there can only appear after the name does.
                guard rest.isEmpty || Self.isFolder(full) else { return }
                folder = full
            }
        }
    }

    private static func components(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    private static func linkTarget(of path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static var currentFolder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// As many as the system itself follows.
    private static let maximumLinks = 40
}
