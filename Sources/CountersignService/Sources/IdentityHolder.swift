import Synchronization

/// The identity that is shown at present, exchanged in one step, and who wants to know of it.
package final class IdentityHolder: Sendable {
    private struct State {
        var identity: WorkloadIdentity
        var generation: UInt64 = 1
        var listeners: [UInt64: AsyncStream<IdentityEvent>.Continuation] = [:]
        var lastListener: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(_ first: WorkloadIdentity) {
        self.state = Mutex(State(identity: first))
    }

    /// The identity.
    package var current: WorkloadIdentity { state.withLock { $0.identity } }

    /// How many there have been.
    package var generation: UInt64 { state.withLock { $0.generation } }

    /// Puts an identity in the place of the one before; one that is the same in all that peers see is left as it is.
    package func replace(_ identity: WorkloadIdentity) {
        let listeners = state.withLock { state -> [AsyncStream<IdentityEvent>.Continuation] in
            guard !state.identity.isInterchangeable(with: identity) else { return [] }
            state.identity = identity
            state.generation += 1
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(.rotated(identity)) }
    }

    /// Tells that there is nothing new because something is wrong.
    package func tell(_ error: ServiceIdentityError) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(.failed(error)) }
    }

    /// What happens from now on.
    package func events() -> AsyncStream<IdentityEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: IdentityEvent.self,
            bufferingPolicy: .bufferingNewest(64)
        )
        let number = state.withLock { state in
            state.lastListener += 1
            state.listeners[state.lastListener] = continuation
            return state.lastListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }
}

extension WorkloadIdentity {
    fileprivate func isInterchangeable(with other: WorkloadIdentity) -> Bool {
        certificateChain == other.certificateChain && trust.isInterchangeable(with: other.trust)
            && revocation.isInterchangeable(with: other.revocation)
    }
}
