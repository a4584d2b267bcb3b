/// A level that event loops raise and lower without sharing a cache line, such as open connections.
package final class ShardedGauge: Sendable {
    private let cells: ShardedCells

    /// Creates a gauge at zero for that many event loops.
    package init(shards: Int) {
        self.cells = ShardedCells(cells: 1, shards: shards)
    }

    /// Raises or lowers the level.
    ///
    /// - Parameters:
    ///   - amount: What to add; negative lowers.
    ///   - shard: The index of the loop that calls; no other thread may use it at the same time.
    package func add(_ amount: Int64, shard: Int) {
        self.cells.add(UInt64(bitPattern: amount), to: 0, shard: shard)
    }

    /// The level over all loops.
    package var value: Int64 { Int64(bitPattern: self.cells.sum(of: 0)) }
}

extension ShardedGauge: MetricSeries {
    package static var kind: MetricKind { .gauge }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        sample.write(self.value, into: &writer)
    }
}
