import CCountersignSystem
package import CountersignTransport
import Glibc
import Synchronization

/// Watches a set of files that can be exchanged, wherever the folders and links on the way to them lead.
///
/// Writing to a file, replacing it, exchanging a link or a folder of its path, and taking its folder away and making it
/// anew are all seen. Other files beside them are not. The watcher ends, with its thread, when it is released.
package final class FileWatcher: Sendable {
    private let state: WatcherState

    /// Makes a watcher that watches nothing yet.
    ///
    /// - Parameter onChange: called on a thread of the watcher's own, once for all changes that happen together.
    /// - Throws: `SystemError` when the system has no descriptors or threads left.
    package init(onChange: @escaping @Sendable () -> Void) throws(SystemError) {
        let state = try WatcherState()
        self.state = state
        // Last: the thread's end is what `deinit` brings about.
        try spawn(name: "files") { state.run(onChange) }
    }

    deinit {
        state.stop()
    }

    /// Exchanges the set of files; what changes from now on is told.
    ///
    /// - Returns: the folders of files that cannot be watched, and why.
    package func watch(_ paths: [String]) -> [SystemError] {
        state.watches.withLock { $0.replace(paths) }
    }
}

private final class WatcherState: Sendable {
    let watches: Mutex<FolderWatches>
    private let events: Int32
    private let stopping: Int32

    init() throws(SystemError) {
        let watches = try FolderWatches()
        self.events = watches.descriptor
        self.stopping = countersign_eventfd()
        self.watches = Mutex(watches)
        guard stopping >= 0 else { throw SystemError(action: "watch files") }
    }

    deinit {
        if stopping >= 0 { Glibc.close(stopping) }
    }

    func stop() {
        var one: UInt64 = 1
        _ = unsafe Glibc.write(stopping, &one, MemoryLayout<UInt64>.size)
    }

    func run(_ onChange: () -> Void) {
        while let isRelevant = next(within: -1) {
            guard isRelevant else { continue }
            // Writers often touch several files in a row: collect until there is a pause, but not forever.
            var turns = 0
            while turns < Self.maximumTurns, hasEvent(within: Self.pauseMilliseconds) {
                guard next(within: 0) != nil else { return }
                turns += 1
            }
            watches.withLock { _ = $0.renew() }
            onChange()
        }
    }

    /// Waits for events and takes them; nil when the watcher ends.
    private func next(within milliseconds: Int32) -> Bool? {
        var polled = [
            pollfd(fd: events, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopping, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe poll(&polled, 2, milliseconds)
        if count < 0 { return errno == EINTR ? false : nil }
        if polled[1].revents != 0 { return nil }
        return polled[0].revents != 0 && watches.withLock { $0.takeEvents() }
    }

    private func hasEvent(within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: events, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&polled, 1, milliseconds) > 0
    }

    private static let pauseMilliseconds: Int32 = 50
    private static let maximumTurns = 100
}
