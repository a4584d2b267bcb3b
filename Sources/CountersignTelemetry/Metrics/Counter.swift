import Synchronization

/// A count that any thread may add to with one atomic instruction.
package final class Counter: Sendable {
    private let storage = Atomic<UInt64>(0)

    /// Creates a counter at zero.
    package init() {}

    /// Adds to the count, wrapping around.
    package func add(_ amount: UInt64 = 1) {
        self.storage.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The count.
    package var value: UInt64 { self.storage.load(ordering: .relaxed) }
}

extension Counter: MetricSeries {
    package static var kind: MetricKind { .counter }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        sample.write(self.value, into: &writer)
    }
}
