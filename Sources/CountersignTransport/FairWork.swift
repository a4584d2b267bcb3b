import Synchronization

/// Runs what blocks on threads of its own, so that whoever asks for much waits behind nobody but itself.
///
/// Each key (a user, a workload) has its own queue. Threads take the queues in turn, one job of each, those of keys of which
/// nothing runs before others. No key has more than its share of the threads, and some of them take nothing but the first job
/// of a key: however many keys have their share, the next ones find a thread, and when there are more keys than that,
/// each waits for no more than one job of others, and then for its turn.
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

        /// How many threads only run jobs of keys of which nothing else runs.
        ///
        /// Half of them, unless so many are not there beside one share.
        var reserve: Int { max(0, min(threads / 2, threads - share)) }

        /// Bounds, of at least one each.
        package init(threads: Int, share: Int, backlog: Int) {
            self.threads = max(1, threads)
            self.share = max(1, share)
            self.backlog = max(1, backlog)
        }
    }

    private struct Queue {
        /// When a thread may take a job.
        enum Turn {
            /// Not as it is: nothing waits, or the share is reached.
            case later
            /// As soon as there is one: nothing of the key runs.
            case first
            /// As soon as there is one that is not kept for first jobs.
            case further
        }

        var waiting: [Job] = []
        var running = 0
        /// In which of ``State/first`` and ``State/further`` the key is.
        var turn = Turn.later
    }

    private struct State {
        var queues: [Key: Queue] = [:]
        /// Keys with a turn, in the order in which they are served.
        var first: [Key] = []
        var further: [Key] = []
        var threads = 0
        var running = 0

        /// Puts the key where it belongs after its queue has changed, behind those that are there.
        mutating func giveTurn(_ key: Key, _ bounds: Bounds) {
            guard let queue = queues[key] else { return }
            let turn: Queue.Turn =
                if queue.waiting.isEmpty || queue.running >= bounds.share {
                    .later
                } else if queue.running == 0 { .first } else { .further }
            guard turn != queue.turn else { return }
            leaveTurn(key)
            queues[key]?.turn = turn
            switch turn {
            case .later: break
            case .first: first.append(key)
            case .further: further.append(key)
            }
        }

        mutating func leaveTurn(_ key: Key) {
            switch queues[key]?.turn {
            case .first: first.removeAll { $0 == key }
            case .further: further.removeAll { $0 == key }
            case .later, nil: break
            }
            queues[key]?.turn = .later
        }

        /// Whether there is a job for one more thread, where `busy` have one or are about to take it.
        func hasTurn(beside busy: Int, _ bounds: Bounds) -> Bool {
            !first.isEmpty || !further.isEmpty && busy < bounds.threads - bounds.reserve
        }

        /// Takes the job whose turn it is.
        mutating func takeTurn(_ bounds: Bounds) -> FairWork.Turn? {
            guard hasTurn(beside: running, bounds) else { return nil }
            guard let key = first.first ?? further.first, let job = queues[key]?.waiting.first else { return nil }
            queues[key]?.waiting.removeFirst()
            leaveTurn(key)
            queues[key]?.running += 1
            running += 1
            giveTurn(key, bounds)
            return FairWork.Turn(key: key, job: job)
        }

        /// Counts a job out that has been run.
        mutating func finish(_ key: Key, _ bounds: Bounds) {
            running -= 1
            queues[key]?.running -= 1
            giveTurn(key, bounds)
            if let queue = queues[key], queue.running == 0, queue.waiting.isEmpty { queues[key] = nil }
        }
    }

    private struct Turn {
        let key: Key
        let job: Job
    }

    private let bounds: Bounds
    /// Runs a body on a new thread.
    private let start: @Sendable (@escaping Job) throws -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of the threads.
    ///   - bounds: how much there is of everything.
    package convenience init(name: String, _ bounds: Bounds) {
        self.init(bounds) { try spawn(name: name, $0) }
    }

    /// - Parameters:
    ///   - bounds: how much there is of everything.
    ///   - start: runs a body on a new thread, or throws when there is none; must not wait for anything.
    init(_ bounds: Bounds, start: @escaping @Sendable (@escaping Job) throws -> Void) {
        self.bounds = bounds
        self.start = start
    }

    /// Runs a job when its key's turn has come.
    ///
    /// - Returns: whether it will run; false when the key has its backlog, or the system has no thread left.
    package func run(for key: Key, _ job: @escaping Job) -> Bool {
        state.withLock { state in
            var queue = state.queues[key] ?? Queue()
            guard queue.waiting.count + queue.running < bounds.backlog else { return false }
            queue.waiting.append(job)
            state.queues[key] = queue
            state.giveTurn(key, bounds)
            guard state.threads < bounds.threads, state.hasTurn(beside: state.threads, bounds) else { return true }
            // Under the lock, so that nobody counts on a thread that cannot be made.
            do {
                try start { [self] in work() }
                state.threads += 1
                return true
            } catch {
                guard state.threads == 0 else { return true }
                // Without any thread nobody would come for it. Nothing else waits: there was none before.
                state.leaveTurn(key)
                state.queues[key] = nil
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
            if let finished { state.finish(finished, bounds) }
            if let turn = state.takeTurn(bounds) { return turn }
            state.threads -= 1
            return nil
        }
    }
}
