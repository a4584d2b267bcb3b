import CountersignIssuance
import Synchronization

/// The transactions that wait for the next group.
final class CommitQueue: Sendable {
    private let limit: Int
    private let groupLimit: Int
    private let state = Mutex(State())

    /// The most bytes of one transaction and, a single transaction aside, of one group.
    static let maximumBytes = 64 << 20

    /// What became of a transaction that was handed in.
    enum Admission {
        /// It waits; when true, the caller has to start the writer.
        case waiting(startsWriter: Bool)
        /// It was not taken.
        case refused(StoreError)
    }

    /// Creates an empty queue.
    ///
    /// - Parameters:
    ///   - limit: The most transactions that wait.
    ///   - groupLimit: The most changes of one group.
    init(limit: Int, groupLimit: Int) {
        self.limit = limit
        self.groupLimit = groupLimit
    }

    /// Takes a transaction.
    func add(_ pending: PendingTransaction) -> Admission {
        guard pending.bytes <= Self.maximumBytes else {
            return .refused(StoreError(.unavailable, "the transaction is too large; split it into several"))
        }
        return self.state.withLock { state in
            guard !state.isClosed else { return .refused(StoreError(.unavailable, "the store is closed")) }
            guard state.count < self.limit else {
                return .refused(
                    StoreError(.unavailable, "\(state.count) transactions wait for the disk already; try again later")
                )
            }
            state.incoming.append(pending)
            let startsWriter = !state.isWriting
            state.isWriting = true
            return .waiting(startsWriter: startsWriter)
        }
    }

    /// How many transactions wait.
    var waiting: Int { self.state.withLock { $0.count } }

    /// The transactions to write next, at least one; nil when none waits: the writer then stops.
    func nextGroup() -> [PendingTransaction]? {
        self.state.withLock { state in
            var group: [PendingTransaction] = []
            var (changes, bytes) = (0, 0)
            while let next = state.first {
                changes += next.transaction.changes.count
                bytes += next.bytes
                guard group.isEmpty || (changes <= self.groupLimit && bytes <= Self.maximumBytes) else { break }
                group.append(next)
                state.removeFirst()
            }
            state.isWriting = !group.isEmpty
            return group.isEmpty ? nil : group
        }
    }

    /// Takes no further transactions.
    ///
    /// - Returns: whether it took any until now.
    func close() -> Bool {
        self.state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    private struct State: Sendable {
        var incoming: [PendingTransaction] = []
        // Taken from the front by moving an index, so that a long queue is not copied for each group.
        private var outgoing: [PendingTransaction] = []
        private var head = 0
        var isWriting = false
        var isClosed = false

        var count: Int { self.incoming.count + self.outgoing.count - self.head }

        var first: PendingTransaction? {
            mutating get {
                if self.head == self.outgoing.count {
                    self.outgoing.removeAll(keepingCapacity: true)
                    swap(&self.outgoing, &self.incoming)
                    self.head = 0
                }
                return self.head < self.outgoing.count ? self.outgoing[self.head] : nil
            }
        }

        mutating func removeFirst() {
            self.head += 1
        }
    }
}
