import Synchronization

/// A number that goes up and down, set from any thread.
package final class Gauge: Sendable {
    private let bits: Atomic<UInt64>

    /// Creates a gauge.
    package init(_ value: Double = 0) {
        self.bits = Atomic(value.bitPattern)
    }

    /// Replaces the value.
    package func set(_ value: Double) {
        self.bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Adds to the value; negative lowers it.
    package func add(_ amount: Double) {
        var old = self.bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = self.bits.weakCompareExchange(
                expected: old,
                desired: new,
                ordering: .relaxed
            )
            if exchanged { return }
            old = original
        }
    }

    /// The value.
    package var value: Double { Double(bitPattern: self.bits.load(ordering: .relaxed)) }
}

extension Gauge: MetricSeries {
    package static var kind: MetricKind { .gauge }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        sample.write(self.value, into: &writer)
    }
}
