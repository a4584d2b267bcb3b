import Glibc
import Synchronization

/// Where log lines go: one descriptor, one line at a time, without holding up the thread that logs.
///
/// A destination that takes nothing, such as a pipe that nobody reads, loses lines and never stops an event loop.
package final class LogOutput: Sendable {
    /// How long the rest of a line may take when its first bytes were taken, in milliseconds.
    private static let patience: Int32 = 50

    private let state: Mutex<State>

    /// Writes to a descriptor that somebody else owns.
    ///
    /// - Parameter descriptor: The descriptor; standard error by default.
    package init(descriptor: Int32 = 2) {
        self.state = Mutex(State(writer: DescriptorWriter(descriptor: descriptor)))
    }

    /// How many lines were lost.
    package var dropped: UInt64 { self.state.withLock { $0.dropped } }

    /// Writes one line with its line feed.
    func write(_ line: borrowing ByteWriter) {
        self.state.withLock { state in
            var isFirst = true
            let result = line.withBytes { bytes in
                state.writer.write(bytes) { descriptor in
                    let patience = isFirst ? 0 : Self.patience
                    isFirst = false
                    return Self.isWritable(descriptor, within: patience)
                }
            }
            if result != .complete {
                state.dropped &+= 1
            }
        }
    }

    private static func isWritable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    private struct State: Sendable {
        var writer: DescriptorWriter
        var dropped: UInt64 = 0
    }
}
