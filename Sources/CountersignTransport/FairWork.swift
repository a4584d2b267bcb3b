import Synchronization

/// Runs what blocks on threads of its own, so that whoever asks for much waits behind nobody but itself.
///
/// Each key (a user, a workload) has its own queue. Threads take the queues in turn, one job of each, and no key has more
/// than its share of them: as long as there are more threads than one share, jobs of another key find one.
package final class FairWork<Key: Hashable & Sendable>: Sendable {
    package typealias Job = @Sendable () -> Void

    /// How much there is of everything.
    package struct Bounds: Sendable {
        /// How many jobs run at once.
        package var threads: Int
        /// How many of those may be of one key.
        package var share: Int
        /// How many jobs of one key may wait or run; more are refused.
        package var backlog: Int

        /// Bounds, of at least one each.
        package init(threads: Int, share: Int, backlog: Int) {
            self.threads = max(1, threads)
            self.share = max(1, share)
            self.backlog = max(1, backlog)
        }
    }

    private struct Queue {
        var waiting: [Job] = []
        var running = 0
        /// Whether the key is among ``State/turns``: it is as long as a thread may take one of its jobs.
        var hasTurn = false
    }

    private struct State {
        var queues: [Key: Queue] = [:]
        var turns: [Key] = []
        var threads = 0

        mutating func giveTurn(_ key: Key, share: Int) {
            guard let queue = queues[key], !queue.hasTurn, !queue.waiting.isEmpty, queue.running < share else { return }
            queues[key]?.hasTurn = true
            turns.append(key)
        }
    }

    private enum Outcome {
        case refused
        case queued
        case needsThread
    }

    private struct Turn {
        let key: Key
        let job: Job
    }

    private let name: String
    private let bounds: Bounds
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of the threads.
    ///   - bounds: how much there is of everything.
    package init(name: String, _ bounds: Bounds) {
        self.name = name
        self.bounds = bounds
    }

    /// Runs a job when its key's turn has come.
    ///
    /// - Returns: whether it will run; false when the key has its backlog, or the system has no thread left.
    package func run(for key: Key, _ job: @escaping Job) -> Bool {
        let outcome = state.withLock { state -> Outcome in
            var queue = state.queues[key] ?? Queue()
            guard queue.waiting.count + queue.running < bounds.backlog else { return .refused }
            queue.waiting.append(job)
            state.queues[key] = queue
            state.giveTurn(key, share: bounds.share)
            guard !state.turns.isEmpty, state.threads < bounds.threads else { return .queued }
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
                state.queues[key]?.waiting.removeLast()
                if state.queues[key]?.waiting.isEmpty ?? true {
                    state.queues[key] = nil
                    state.turns.removeAll { $0 == key }
                }
                return false
            }
        }
    }

    private func work() {
        var finished: Key?
        while let turn = next(after: finished) {
            turn.job()
            finished = turn.key
        }
    }

    /// The next job, once the one of `finished` is done; nil ends the thread.
    private func next(after finished: Key?) -> Turn? {
        state.withLock { state in
            if let finished {
                state.queues[finished]?.running -= 1
                state.giveTurn(finished, share: bounds.share)
                if let queue = state.queues[finished], queue.running == 0, queue.waiting.isEmpty {
                    state.queues[finished] = nil
                }
            }
            while !state.turns.isEmpty {
                let key = state.turns.removeFirst()
                guard var queue = state.queues[key], !queue.waiting.isEmpty else { continue }
                let job = queue.waiting.removeFirst()
                queue.running += 1
                queue.hasTurn = false
                state.queues[key] = queue
                state.giveTurn(key, share: bounds.share)
                return Turn(key: key, job: job)
            }
            state.threads -= 1
            return nil
        }
    }
}
