import CountersignAgent
import Synchronization

/// Keeps the work of an agent until a test has it done.
final class ManualWorker: AgentWorker {
    private let waiting = Mutex<[(kind: AgentWorkKind, work: @Sendable () -> AgentEvent)]>([])

    func run(_ kind: AgentWorkKind, _ work: @escaping @Sendable () -> AgentEvent) {
        waiting.withLock { $0.append((kind, work)) }
    }

    func count(_ kind: AgentWorkKind) -> Int {
        waiting.withLock { $0.filter { $0.kind == kind }.count }
    }

    /// Takes the oldest work of a kind; nil when there is none.
    func take(_ kind: AgentWorkKind) -> (@Sendable () -> AgentEvent)? {
        waiting.withLock { waiting in
            guard let index = waiting.firstIndex(where: { $0.kind == kind }) else { return nil }
            return waiting.remove(at: index).work
        }
    }
}
