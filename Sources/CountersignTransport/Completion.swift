import Synchronization

/// An event that happens once and that threads block on.
package final class Completion: Sendable {
    private struct State {
        var isFinished = false
        var error: (any Error)?
    }

    private let state = Mutex(State())
    private let semaphore: SystemSemaphore

    package init() {
        self.semaphore = SystemSemaphore()
    }

    /// Marks the event as happened; only the first call counts.
    package func finish(with error: (any Error)? = nil) {
        let isFirst = state.withLock { state in
            guard !state.isFinished else { return false }
            state.isFinished = true
            state.error = error
            return true
        }
        if isFirst { semaphore.signal() }
    }

    /// Blocks until the event has happened, for at most `timeout`.
    ///
    /// - Returns: whether it has happened.
    package func wait(upTo timeout: Duration) -> Bool {
        guard semaphore.wait(upTo: timeout) else { return false }
        semaphore.signal()
        return true
    }

    /// Blocks until the event has happened.
    ///
    /// - Returns: the error it happened with.
    package func wait() -> (any Error)? {
        semaphore.wait()
        semaphore.signal()
        return state.withLock { $0.error }
    }
}
