import CCountersignSystem
import CountersignTransport
import Glibc

/// The system's watches for a set of paths: one descriptor, one watch a folder, and the names that count in each.
struct FolderWatches: ~Copyable {
    /// Becomes readable when something changes in one of the folders.
    let descriptor: Int32
    private var paths: [String] = []
    private var namesByWatch: [Int32: Set<String>] = [:]

    /// Watches nothing yet.
    ///
    /// - Throws: ``SystemError`` when the system has no watches left.
    init() throws(SystemError) {
        let descriptor = countersign_inotify_create()
        guard descriptor >= 0 else { throw SystemError(action: "watch files") }
        self.descriptor = descriptor
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    /// Exchanges the set of paths.
    ///
    /// - Returns: the folders of files that cannot be watched, and why.
    mutating func replace(_ paths: [String]) -> [SystemError] {
        self.paths = paths
        return renew()
    }

    /// Follows the paths anew, as links and folders may lead elsewhere by now.
    ///
    /// - Returns: the folders of files that cannot be watched, and why.
    @discardableResult
    mutating func renew() -> [SystemError] {
        var faults: [SystemError] = []
        var plan = WatchPlan(paths: paths)
        // What changes between the look and the watch is seen by another look, which ends as soon as nothing changes.
        for _ in 0..<Self.maximumLooks {
            faults = install(plan)
            let next = WatchPlan(paths: paths)
            if next == plan { break }
            plan = next
        }
        return faults
    }

    /// Takes what has happened from the system.
    ///
    /// - Returns: whether a name that counts was concerned.
    func takeEvents() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return false }
        var rest = buffer[..<count]
        var isRelevant = false
        while rest.count >= Self.headerSize {
            let watch = Int32(truncatingIfNeeded: Self.number(rest, at: 0))
            let length = min(Int(Self.number(rest, at: 12)), rest.count - Self.headerSize)
            let name = rest.dropFirst(Self.headerSize).prefix(length).prefix { $0 != 0 }
            isRelevant = isRelevant || concerns(watch, String(decoding: name, as: UTF8.self))
            rest = rest.dropFirst(Self.headerSize + length)
        }
        return isRelevant
    }

    /// An event without a name is about the folder itself, such as its end; one of no watch says that some were lost.
    private func concerns(_ watch: Int32, _ name: String) -> Bool {
        guard watch >= 0 else { return true }
        guard let names = namesByWatch[watch] else { return false }
        return name.isEmpty || names.contains(name)
    }

    private mutating func install(_ plan: WatchPlan) -> [SystemError] {
        var faults: [SystemError] = []
        var installed: [Int32: Set<String>] = [:]
        for (folder, names) in plan.names {
            let hasContent = plan.contentFolders.contains(folder)
            let watch = unsafe countersign_inotify_watch_folder(descriptor, folder, hasContent ? 1 : 0)
            if watch >= 0 {
                installed[watch, default: []].formUnion(names)
            } else if hasContent || errno == ENOSPC {
                faults.append(SystemError(action: "watch the folder \(folder)"))
            }
        }
        for watch in namesByWatch.keys where installed[watch] == nil {
            _ = countersign_inotify_forget(descriptor, watch)
        }
        namesByWatch = installed
        return faults
    }

    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        let start = bytes.startIndex + offset
        return (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << ($1 * 8) }
    }

    /// `struct inotify_event` without its name: watch, mask, cookie and the length of the name, four bytes each.
    private static let headerSize = 16
    private static let maximumLooks = 8
}
