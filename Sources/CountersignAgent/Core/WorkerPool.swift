package import CountersignTransport
import Synchronization

/// Threads that do the work of an agent, a few for each kind.
package final class WorkerPool: AgentWorker {
    private let queues: [AgentWorkKind: WorkQueue]

    /// Starts the threads; they end with the process.
    ///
    /// - Parameters:
    ///   - threads: how many there are of each kind.
    ///   - deliver: takes the events, on a thread of the pool.
    /// - Throws: `SystemError` when a thread cannot be made.
    package init(threads: Int = 4, deliver: @escaping @Sendable (AgentEvent) -> Void) throws(SystemError) {
        var queues: [AgentWorkKind: WorkQueue] = [:]
        for kind in AgentWorkKind.allCases {
            let queue = WorkQueue()
            queues[kind] = queue
            for _ in 0..<threads {
                try spawn(name: "\(kind)") {
                    while true { deliver(queue.take()()) }
                }
            }
        }
        self.queues = queues
    }

    package func run(_ kind: AgentWorkKind, _ work: @escaping @Sendable () -> AgentEvent) {
        queues[kind]?.put(work)
    }
}

private final class WorkQueue: Sendable {
    private let waiting = Mutex<[@Sendable () -> AgentEvent]>([])
    private let semaphore = SystemSemaphore()

    func put(_ work: @escaping @Sendable () -> AgentEvent) {
        waiting.withLock { $0.append(work) }
        semaphore.signal()
    }

    func take() -> @Sendable () -> AgentEvent {
        while true {
            semaphore.wait()
            if let work = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return work }
        }
    }
}
