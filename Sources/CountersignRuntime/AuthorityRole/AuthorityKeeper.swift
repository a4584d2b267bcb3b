import CountersignAuthority
import CountersignTransport
import Logging

/// What the authority does by the clock: renewing its own certificate, publishing lists, forgetting what has ended.
final class AuthorityKeeper: Sendable {
    private let stopped = Completion()

    /// Runs every task at once, then each `interval` until ``stop()``.
    ///
    /// - Throws: ``SystemError`` when no thread can be made.
    init(interval: Duration, tasks: [@Sendable () -> Void]) throws(SystemError) {
        let stopped = self.stopped
        for task in tasks { task() }
        try spawn(name: "keeper") {
            while !stopped.wait(upTo: interval) {
                for task in tasks { task() }
            }
        }
    }

    /// Ends the thread after the task at hand.
    func stop() {
        stopped.finish()
    }
}
