import Synchronization

/// Runs what takes long (generating RSA keys, asking another authority) on threads of its own, which end when there is
/// nothing to do; a burst beyond the limit is refused rather than left to wait.
package final class BackgroundWork: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct State {
        var waiting: [Job] = []
        var threads = 0
    }

    private let name: String
    private let maximumThreads: Int
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of the threads.
    ///   - maximumThreads: how many jobs run at once.
    ///   - limit: how many jobs may wait.
    package init(name: String, maximumThreads: Int, limit: Int) {
        self.name = name
        self.maximumThreads = max(1, maximumThreads)
        self.limit = max(1, limit)
    }

    /// Runs a job as soon as a thread is free.
    ///
    /// - Returns: whether it will run; false when too many jobs are waiting, or the system has no thread left.
    package func run(_ job: @escaping Job) -> Bool {
        enum Outcome { case refused, queued, needsThread }
        let outcome = state.withLock { state -> Outcome in
            guard state.waiting.count < limit else { return .refused }
            state.waiting.append(job)
            guard state.threads < maximumThreads else { return .queued }
            state.threads += 1
            return .needsThread
        }
        guard outcome == .needsThread else { return outcome == .queued }
        do {
            try spawn(name: name) { [self] in work() }
            return true
        } catch {
            return state.withLock { state in
                state.threads -= 1
                // Without any thread nobody would come for what waits.
                guard state.threads == 0 else { return true }
                state.waiting.removeLast()
                return false
            }
        }
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
