import CountersignIssuance

/// A transaction with the one who waits for it.
struct PendingTransaction: Sendable {
    /// The changes.
    let transaction: StoreTransaction
    /// About how many bytes it takes in the log.
    let bytes: Int
    /// Called once, when it is decided.
    let completion: @Sendable (Result<StoreReceipt, StoreError>) -> Void

    init(
        _ transaction: StoreTransaction,
        completion: @escaping @Sendable (Result<StoreReceipt, StoreError>) -> Void
    ) {
        self.transaction = transaction
        self.bytes = transaction.changes.reduce(0) { $0 + $1.estimatedBytes }
        self.completion = completion
    }
}
