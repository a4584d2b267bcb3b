/// A counter with one label whose values are the cases of an enumeration, sharded by event loop.
///
/// Every case has its series from the start, at zero, so that a rate over it never begins with a gap.
@usableFromInline
package final class LabelledCounter<Label: MetricLabel>: Sendable {
    @usableFromInline let cells: ShardedCells

    /// Creates counters at zero for that many event loops.
    package init(shards: Int) {
        self.cells = ShardedCells(cells: Label.allCases.count, shards: shards)
    }

    /// Adds to the count of one label value.
    ///
    /// - Parameters:
    ///   - label: The label value.
    ///   - amount: What to add.
    ///   - shard: The index of the loop that calls; no other thread may use it at the same time.
    @inlinable
    package func add(_ label: Label, _ amount: UInt64 = 1, shard: Int) {
        self.cells.add(amount, to: label.rawValue, shard: shard)
    }

    /// The count of one label value over all loops.
    package func value(_ label: Label) -> UInt64 { self.cells.sum(of: label.rawValue) }
}

extension LabelledCounter: MetricSeries {
    package static var kind: MetricKind { .counter }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        for label in Label.sortedCases {
            sample.write(self.value(label), into: &writer, with: Label.labelName, label.text)
        }
    }
}
