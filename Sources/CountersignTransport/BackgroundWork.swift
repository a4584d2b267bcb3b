/// Runs what takes long (generating RSA keys, asking another authority) on threads of its own, which end when there is
/// nothing to do; a burst beyond the limit is refused rather than left to wait.
package final class BackgroundWork: Sendable {
    package typealias Job = @Sendable () -> Void

    /// Whose the jobs are: nobody's in particular.
    private enum Everybody {
        case all
    }

    private let work: FairWork<Everybody>

    /// - Parameters:
    ///   - name: of the threads.
    ///   - maximumThreads: how many jobs run at once.
    ///   - limit: how many jobs may wait beside those.
    package init(name: String, maximumThreads: Int, limit: Int) {
        let (threads, limit) = (max(1, maximumThreads), max(1, limit))
        work = FairWork(name: name, .init(threads: threads, share: threads, backlog: threads + limit))
    }

    /// Runs a job as soon as a thread is free.
    ///
    /// - Returns: whether it will run; false when too many jobs are waiting, or the system has no thread left.
    package func run(_ job: @escaping Job) -> Bool { work.run(for: .all, job) }
}
