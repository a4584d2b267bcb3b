/// Does what takes time away from the agent's own thread.
package protocol AgentWorker: Sendable {
    /// Has `work` done on another thread, and its event delivered to the agent.
    func run(_ kind: AgentWorkKind, _ work: @escaping @Sendable () -> AgentEvent)
}

/// Kinds of work that do not wait for each other.
package enum AgentWorkKind: Sendable, CaseIterable {
    /// Calls of the authority.
    case authority
    /// Commands of the operator's.
    case reload
}
