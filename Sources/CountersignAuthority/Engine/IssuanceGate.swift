import CountersignTransport
import Synchronization

/// Keeps issuance out while something is revoked or removed.
///
/// What is revoked is a set that is read before it is changed: a certificate that came to be recorded in between would be
/// in force afterwards. So whatever the change is about is closed first. An issuance that is about to be recorded has to
/// pass: it does before the change, which then finds it, or it waits and is judged anew after it.
final class IssuanceGate: Sendable {
    /// What an issuance depends on, and a revocation or a removal is about.
    enum Matter: Hashable, Sendable {
        /// A registered service, by name.
        case service(String)
        /// An agent, by name.
        case agent(String)
        /// The certificate that a caller proved itself by, by serial number.
        case credential(String)
        /// A key that is certified.
        case key(CompromisedKeys.Digest)
    }

    typealias Passage = @Sendable () -> Void

    private struct State {
        /// How many changes each matter is closed for.
        var closed: [Matter: Int] = [:]
        /// How many are passing.
        var passing: [Matter: Int] = [:]
        var waiting: [(matters: Set<Matter>, passage: Passage)] = []
        var closers: [Closer] = []
    }

    private struct Closer {
        var matters: Set<Matter>
        var quiet: SystemSemaphore
    }

    private let state = Mutex(State())

    /// Calls `passage` now, or when what it depends on is open again, on the thread that opens it.
    ///
    /// The passage judges the issuance and hands it to the store; it must not wait for anything.
    func pass(_ matters: Set<Matter>, _ passage: @escaping Passage) {
        let isOpen = state.withLock { state in
            guard state.closed.isEmpty || state.closed.keys.allSatisfy({ !matters.contains($0) }) else {
                state.waiting.append((matters, passage))
                return false
            }
            for matter in matters { state.passing[matter, default: 0] += 1 }
            return true
        }
        if isOpen { finish(matters, passage) }
    }

    /// Closes matters, and waits until nobody passes any more, which takes microseconds; not for event loops.
    func close(_ matters: Set<Matter>) {
        let quiet = state.withLock { state -> SystemSemaphore? in
            for matter in matters { state.closed[matter, default: 0] += 1 }
            guard state.passing.keys.contains(where: matters.contains) else { return nil }
            let closer = Closer(matters: matters, quiet: SystemSemaphore())
            state.closers.append(closer)
            return closer.quiet
        }
        quiet?.wait()
    }

    /// Ends what ``close(_:)`` began, and lets those pass who waited for it.
    func open(_ matters: Set<Matter>) {
        let free = state.withLock { state -> [(matters: Set<Matter>, passage: Passage)] in
            for matter in matters { Self.lower(&state.closed, matter) }
            let free = state.waiting.filter { $0.matters.isDisjoint(with: state.closed.keys) }
            state.waiting.removeAll { $0.matters.isDisjoint(with: state.closed.keys) }
            for passage in free {
                for matter in passage.matters { state.passing[matter, default: 0] += 1 }
            }
            return free
        }
        for waiting in free { finish(waiting.matters, waiting.passage) }
    }

    private func finish(_ matters: Set<Matter>, _ passage: Passage) {
        passage()
        let quiet = state.withLock { state -> [Closer] in
            for matter in matters { Self.lower(&state.passing, matter) }
            guard !state.closers.isEmpty else { return [] }
            let quiet = state.closers.filter { $0.matters.isDisjoint(with: state.passing.keys) }
            state.closers.removeAll { $0.matters.isDisjoint(with: state.passing.keys) }
            return quiet
        }
        for closer in quiet { closer.quiet.signal() }
    }

    private static func lower(_ counts: inout [Matter: Int], _ matter: Matter) {
        guard let count = counts[matter] else { return }
        counts[matter] = count > 1 ? count - 1 : nil
    }
}
