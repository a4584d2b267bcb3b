import CCountersignSystem
package import CountersignTransport
import Glibc

/// Notices when somebody opens a folder, or a file in it.
package final class ReadWatch: Sendable {
    private let descriptor: Int32

    /// Begins to watch.
    ///
    /// - Parameter folder: the folder itself, or a link to it; what the link points to later is not watched.
    /// - Throws: `SystemError` that names the folder.
    package init(_ folder: String) throws(SystemError) {
        descriptor = countersign_inotify_create()
        guard descriptor >= 0 else { throw SystemError(action: "watch \(folder)") }
        guard unsafe countersign_inotify_watch_opens(descriptor, folder) >= 0 else {
            let error = SystemError(action: "watch \(folder)")
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Whether nothing has been opened since the watch began, and nothing is for that much longer.
    package func staysQuiet(for time: Duration) -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + time
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(deadline - clock.now, .zero)
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = unsafe poll(&watched, 1, Int32(clamping: milliseconds))
            if count == 0 { return true }
            guard count < 0, errno == EINTR else { return false }
        }
    }

    /// Whether nothing has been opened since the watch began.
    package var isQuiet: Bool { staysQuiet(for: .zero) }
}
