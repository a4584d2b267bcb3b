import CountersignControlModel
import CountersignIssuance
import Synchronization

/// A store that keeps nothing beyond the test and can be told to fail.
final class MemoryControlStore: ControlStore {
    private struct State {
        var content = ControlContent(epoch: "epoch", version: 0, records: [])
        var audit: [AuditRecord] = []
        var isFailing = false
    }

    private let state = Mutex(State())

    var isFailing: Bool {
        get { state.withLock { $0.isFailing } }
        set { state.withLock { $0.isFailing = newValue } }
    }

    func load() throws(StoreError) -> ControlContent { state.withLock { $0.content } }

    func commit(_ transaction: ControlTransaction) throws(StoreError) {
        let isDone = state.withLock { state in
            guard !state.isFailing else { return false }
            state.content.version = transaction.version
            let gone = Set(transaction.deletes + transaction.puts.map(\.key))
            state.content.records.removeAll { gone.contains($0.key) }
            state.content.records += transaction.puts
            state.audit += transaction.audit
            return true
        }
        guard isDone else { throw StoreError(.unavailable, "the disk is full") }
    }

    func audit(_ query: AuditQuery) throws(StoreError) -> Page<AuditRecord> {
        Page(elements: state.withLock { $0.audit.reversed() }, next: nil)
    }

    func close() {}
}
