import CCountersignSystem
package import CountersignTransport
import Glibc

/// Watches files through the folders that they are in, so that replacing a file or a symbolic link is seen as well as
/// writing to it.
package final class FileWatcher: Sendable {
    private let descriptor: Int32

    /// Watches the folders of `paths` until the watcher is gone; `onChange` is called on a thread of its own, at most
    /// once for all changes that happen together.
    ///
    /// - Throws: ``SystemError`` when a folder cannot be watched.
    package init(paths: [String], onChange: @escaping @Sendable () -> Void) throws(SystemError) {
        let descriptor = countersign_inotify_create()
        guard descriptor >= 0 else { throw SystemError(action: "watch files") }
        self.descriptor = descriptor
        for folder in Set(paths.map(Self.folder)) {
            guard unsafe countersign_inotify_watch_folder(descriptor, folder) >= 0 else {
                throw SystemError(action: "watch the folder \(folder)")
            }
        }
        try spawn(name: "files") {
            var buffer = [UInt8](repeating: 0, count: 16 * 1024)
            while unsafe Glibc.read(descriptor, &buffer, buffer.count) > 0 {
                // Writers often touch several files in a row: collect until there is a pause.
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                while unsafe Glibc.poll(&poll, 1, 50) > 0, unsafe Glibc.read(descriptor, &buffer, buffer.count) > 0 {}
                onChange()
            }
        }
    }

    private static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
