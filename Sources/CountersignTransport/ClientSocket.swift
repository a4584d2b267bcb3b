import Glibc
import Synchronization

/// A descriptor that one thread works with and any thread can shut.
package final class ClientSocket: Sendable {
    private struct State {
        var isOpen = true
        var isCancelled = false
    }

    /// For the thread that works with it, until ``close()``.
    package let descriptor: Int32
    private let state = Mutex(State())

    /// Takes a descriptor, which it closes in the end.
    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close()
    }

    /// Whether another thread ended the work.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Ends the connection under the thread that waits for it, from any thread.
    package func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if state.isOpen { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Closes the descriptor; called by the thread that works with it.
    package func close() {
        state.withLock { state in
            if state.isOpen { Socket.close(descriptor) }
            state.isOpen = false
        }
    }

    /// Waits until one of the events is there.
    ///
    /// - Parameters:
    ///   - events: those of poll(2).
    ///   - deadline: when waiting ends.
    /// - Returns: the events that are; errors and hang-ups count as all of them. `nil` when the deadline has passed.
    package func wait(for events: Int32, until deadline: Deadline) -> Int32? {
        while true {
            var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = unsafe Glibc.poll(&poll, 1, deadline.milliseconds)
            if count > 0 {
                let found = Int32(poll.revents)
                return found & ~events == 0 ? found : events
            }
            if count == 0 || errno != EINTR, deadline.isPassed || count < 0 && errno != EINTR { return nil }
        }
    }
}
