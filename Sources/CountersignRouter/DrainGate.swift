import CountersignTransport
import Synchronization

/// Opens once every worker has reported that its last connection is closed.
final class DrainGate: Sendable {
    private let waiting: Mutex<Set<Int>>
    private let completion = Completion()

    init(count: Int) {
        self.waiting = Mutex(Set(0..<count))
    }

    func finish(_ worker: Int) {
        let isLast = waiting.withLock { workers in
            workers.remove(worker)
            return workers.isEmpty
        }
        if isLast { completion.finish() }
    }

    /// Blocks until all have reported.
    ///
    /// - Returns: `false` when the timeout passed before.
    func wait(upTo timeout: Duration) -> Bool {
        completion.wait(upTo: timeout)
    }
}
