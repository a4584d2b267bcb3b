package import CountersignIssuance
import Synchronization

/// Whether the inventory can be written, as far as the last transactions have shown.
package final class StoreAvailability: Sendable {
    private struct State {
        var failure: StoreError?
        var nextProbe: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Why the last transaction could not be written; nil while that succeeds.
    package var failure: StoreError? { state.withLock { $0.failure } }

    /// Takes what became of a transaction: the failure, or nil.
    package func set(_ failure: StoreError?) {
        state.withLock { $0.failure = failure }
    }

    /// Whether it is to be tried now, at a time in nanoseconds: once a second, and only while it fails.
    func takeProbe(at now: UInt64) -> Bool {
        state.withLock { state in
            guard state.failure != nil, now >= state.nextProbe else { return false }
            state.nextProbe = now + 1_000_000_000
            return true
        }
    }
}

extension AuthorityEngine {
    /// Finds out whether an inventory that could not be written can be again: where nobody asks for certificates any more,
    /// nothing else would.
    package func probeStore() {
        guard availability.takeProbe(at: clock.monotonic()) else { return }
        let record = auditRecord(
            "store.recover",
            target: "store",
            by: Caller(.local("probe")),
            outcome: .done,
            detail: "the inventory can be written again"
        )
        store.commit(StoreTransaction([.audit(record)])) { [availability] result in
            if case .success = result { availability.set(nil) }
        }
    }
}
