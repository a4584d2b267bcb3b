import CountersignTransport
import Synchronization

/// Runs what takes long for the users of a host on threads of its own: those who have much to do wait for each other, and
/// nobody else for them.
///
/// Users take turns, and each has so many threads at a time; with one, its jobs run in their order. Threads end when there is
/// nothing to do.
package final class FairWork: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct Queue {
        var waiting: [Job] = []
        var running = 0
    }

    private struct State {
        var queues: [UInt32: Queue] = [:]
        /// Whose job is begun next; each user once.
        var turns: [UInt32] = []
        var threads = 0
    }

    private let name: String
    private let maximumThreads: Int
    private let threadsPerUser: Int
    private let limitPerUser: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of the threads.
    ///   - maximumThreads: how many jobs run at once.
    ///   - threadsPerUser: how many jobs of one user run at once.
    ///   - limitPerUser: how many jobs of one user may wait.
    package init(name: String, maximumThreads: Int, threadsPerUser: Int, limitPerUser: Int) {
        self.name = name
        self.maximumThreads = max(1, maximumThreads)
        self.threadsPerUser = max(1, threadsPerUser)
        self.limitPerUser = max(1, limitPerUser)
    }

    /// Runs a job when its turn comes.
    ///
    /// - Parameters:
    ///   - user: for whom.
    ///   - job: what is done.
    /// - Returns: whether it will run; false when the user has too many waiting, or the system has no thread left.
    package func run(for user: UInt32, _ job: @escaping Job) -> Bool {
        enum Outcome { case refused, queued, needsThread }
        let outcome = state.withLock { state -> Outcome in
            guard state.queues[user, default: Queue()].waiting.count < limitPerUser else { return .refused }
            state.queues[user, default: Queue()].waiting.append(job)
            if !state.turns.contains(user) { state.turns.append(user) }
            guard state.threads < maximumThreads, state.queues[user, default: Queue()].running < threadsPerUser else {
                return .queued
            }
            state.threads += 1
            return .needsThread
        }
        guard outcome == .needsThread else { return outcome == .queued }
        do {
            try spawn(name: name) { [self] in work() }
            return true
        } catch {
            return state.withLock { giveUp(user, &$0) }
        }
    }

    /// There is no thread for a job; with others running, one of them comes for it.
    private func giveUp(_ user: UInt32, _ state: inout State) -> Bool {
        state.threads -= 1
        guard state.threads == 0 else { return true }
        state.queues[user] = nil
        state.turns.removeAll { $0 == user }
        return false
    }

    private func work() {
        while let (user, job) = next() {
            job()
            state.withLock { finished(user, &$0) }
        }
    }

    private func next() -> (user: UInt32, job: Job)? {
        state.withLock { state in
            let found = state.turns.firstIndex { state.queues[$0, default: Queue()].running < threadsPerUser }
            guard let found else {
                state.threads -= 1
                return nil
            }
            let user = state.turns.remove(at: found)
            let job = state.queues[user, default: Queue()].waiting.removeFirst()
            state.queues[user, default: Queue()].running += 1
            if !state.queues[user, default: Queue()].waiting.isEmpty { state.turns.append(user) }
            return (user, job)
        }
    }

    private func finished(_ user: UInt32, _ state: inout State) {
        state.queues[user, default: Queue()].running -= 1
        let isDone = state.queues[user].map { $0.running <= 0 && $0.waiting.isEmpty } ?? true
        if isDone { state.queues[user] = nil }
    }
}
