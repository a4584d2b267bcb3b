import CountersignIssuance

/// A group that did not become durable.
struct GroupFailure: Error {
    /// Why.
    var error: StoreError
    /// Whether it is certain that the disk does not hold it; else only opening the store again finds out.
    var isUndone: Bool
}
