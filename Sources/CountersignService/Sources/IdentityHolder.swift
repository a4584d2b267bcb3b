import Synchronization

/// The identity that is shown at present, exchanged in one step, and who wants to know of it.
package final class IdentityHolder: Sendable {
    private struct State {
        var identity: WorkloadIdentity
        var generation: UInt64 = 1
        var handshakeGeneration: UInt64 = 1
        var failure: IdentityFailure?
        var listeners: [UInt64: AsyncStream<IdentityEvent>.Continuation] = [:]
        var observers: [UInt64: @Sendable () -> Void] = [:]
        var lastNumber: UInt64 = 0

        mutating func number() -> UInt64 {
            lastNumber += 1
            return lastNumber
        }
    }

    private let state: Mutex<State>

    package init(_ first: WorkloadIdentity) {
        self.state = Mutex(State(identity: first))
    }

    /// The identity.
    package var current: WorkloadIdentity { state.withLock { $0.identity } }

    /// How many there have been.
    package var generation: UInt64 { state.withLock { $0.generation } }

    /// How many there have been that differ in what handshakes are made of: certificate and authorities, but not revocation lists.
    package var handshakeGeneration: UInt64 { state.withLock { $0.handshakeGeneration } }

    /// The identity, and what has gone wrong since it was last found to be the newest there is.
    package var condition: (identity: WorkloadIdentity, failure: IdentityFailure?) {
        state.withLock { ($0.identity, $0.failure) }
    }

    /// Takes what comes from where the identity before came from.
    ///
    /// - Parameter identity: the identity.
    /// - Throws: ``ServiceIdentityError`` with `material` when there were revocation lists and are none any more: who was revoked would be
    ///   let in. The identity before stays.
    package func take(_ identity: WorkloadIdentity) throws(ServiceIdentityError) {
        guard identity.revocation.isOn || !current.revocation.isOn else {
            throw ServiceIdentityError(
                .material,
                "there are no revocation lists any more, and there were some; bring them back, or restart to go without"
            )
        }
        replace(identity)
    }

    /// Puts an identity in the place of the one before; one that is the same in all that peers see is left as it is.
    package func replace(_ identity: WorkloadIdentity) {
        let told = state.withLock {
            state -> (listeners: [AsyncStream<IdentityEvent>.Continuation], [@Sendable () -> Void])? in
            state.failure = nil
            guard !state.identity.isInterchangeable(with: identity) else { return nil }
            if !state.identity.hasHandshake(of: identity) { state.handshakeGeneration += 1 }
            state.identity = identity
            state.generation += 1
            return (Array(state.listeners.values), Array(state.observers.values))
        }
        guard let (listeners, observers) = told else { return }
        for observer in observers { observer() }
        for listener in listeners { listener.yield(.rotated(identity)) }
    }

    /// Tells that there is nothing new because something is wrong.
    package func tell(_ error: ServiceIdentityError) {
        state.withLock { $0.failure = IdentityFailure(error, atUnixSeconds: SystemClock.unixSeconds) }
        tell(.failed(error))
    }

    /// Tells what happened to who listens.
    func tell(_ event: IdentityEvent) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(event) }
    }

    /// What happens from now on.
    package func events() -> AsyncStream<IdentityEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: IdentityEvent.self,
            bufferingPolicy: .bufferingNewest(64)
        )
        let number = state.withLock { state in
            let number = state.number()
            state.listeners[number] = continuation
            return number
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// Calls a function after each change, on the thread that brings it, until the observation is cancelled or let go.
    package func observe(_ body: @escaping @Sendable () -> Void) -> IdentityObservation {
        let number = state.withLock { state in
            let number = state.number()
            state.observers[number] = body
            return number
        }
        return IdentityObservation { [weak self] in
            _ = self?.state.withLock { $0.observers.removeValue(forKey: number) }
        }
    }
}

/// Ends when it is let go.
package final class IdentityObservation: Sendable {
    private let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit {
        end()
    }

    /// Ends now; a call that has begun on another thread goes on.
    package func cancel() { end() }
}

extension WorkloadIdentity {
    fileprivate func isInterchangeable(with other: WorkloadIdentity) -> Bool {
        hasHandshake(of: other) && revocation.isInterchangeable(with: other.revocation)
    }

    fileprivate func hasHandshake(of other: WorkloadIdentity) -> Bool {
        certificateChain == other.certificateChain && trust.isInterchangeable(with: other.trust)
    }
}
