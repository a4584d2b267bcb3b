/// A count that event loops add to without sharing a cache line.
package final class ShardedCounter: Sendable {
    private let cells: ShardedCells

    /// Creates a counter at zero for that many event loops.
    package init(shards: Int) {
        self.cells = ShardedCells(cells: 1, shards: shards)
    }

    /// Adds to the count.
    ///
    /// - Parameters:
    ///   - amount: What to add.
    ///   - shard: The index of the loop that calls; no other thread may use it at the same time.
    package func add(_ amount: UInt64 = 1, shard: Int) {
        self.cells.add(amount, to: 0, shard: shard)
    }

    /// The count over all loops.
    package var value: UInt64 { self.cells.sum(of: 0) }
}

extension ShardedCounter: MetricSeries {
    package static var kind: MetricKind { .counter }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        sample.write(self.value, into: &writer)
    }
}
