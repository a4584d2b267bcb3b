/// A gauge with one label whose values are the cases of an enumeration, sharded by event loop.
@usableFromInline
package final class LabelledGauge<Label: MetricLabel>: Sendable {
    @usableFromInline let cells: ShardedCells

    /// Creates gauges at zero for that many event loops.
    package init(shards: Int) {
        self.cells = ShardedCells(cells: Label.allCases.count, shards: shards)
    }

    /// Raises or lowers the level of one label value.
    ///
    /// - Parameters:
    ///   - label: The label value.
    ///   - amount: What to add; negative lowers.
    ///   - shard: The index of the loop that calls; no other thread may use it at the same time.
    @inlinable
    package func add(_ label: Label, _ amount: Int64, shard: Int) {
        self.cells.add(UInt64(bitPattern: amount), to: label.rawValue, shard: shard)
    }

    /// The level of one label value over all loops.
    package func value(_ label: Label) -> Int64 { Int64(bitPattern: self.cells.sum(of: label.rawValue)) }
}

extension LabelledGauge: MetricSeries {
    package static var kind: MetricKind { .gauge }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        for label in Label.sortedCases {
            sample.write(self.value(label), into: &writer, with: Label.labelName, label.text)
        }
    }
}
