import Synchronization

/// The distance to a moment, counted when the metric is read.
///
/// There is no sample while no moment is set: an age of something that never was would read as a fault or as health.
package final class MomentGauge: Sendable {
    /// Which distance is told.
    package enum Measure: Sendable {
        /// The seconds that have passed since the moment.
        case secondsSince
        /// The days that are left until the moment; negative once it has passed.
        case daysUntil
    }

    private let measure: Measure
    private let moment = Atomic<Int64>(.min)

    /// Creates a gauge without a moment.
    package init(_ measure: Measure) {
        self.measure = measure
    }

    /// Sets the moment, in nanoseconds since 1970.
    package func set(_ nanoseconds: Int64) {
        self.moment.store(nanoseconds, ordering: .relaxed)
    }

    /// Forgets the moment, as there is nothing any more whose age or end could be told.
    package func clear() {
        self.moment.store(.min, ordering: .relaxed)
    }

    /// What is told at `now`, in nanoseconds since 1970; nil while no moment is set.
    package func value(at now: Int64) -> Double? {
        let moment = self.moment.load(ordering: .relaxed)
        guard moment != .min else { return nil }
        return switch self.measure {
        case .secondsSince: (Double(now) - Double(moment)) / 1e9
        case .daysUntil: (Double(moment) - Double(now)) / 86_400e9
        }
    }
}

extension MomentGauge: MetricSeries {
    package static var kind: MetricKind { .gauge }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        if let value = self.value(at: sample.now) {
            sample.write(value, into: &writer)
        }
    }
}
