import Synchronization

/// The days that are left until a moment, counted when the metric is read; negative once it has passed.
package final class ExpiryGauge: Sendable {
    private let moment = Atomic<Int64>(.min)

    /// Creates a gauge without a moment; it has no sample until one is set.
    package init() {}

    /// Sets the moment, in nanoseconds since 1970.
    package func set(_ nanoseconds: Int64) {
        self.moment.store(nanoseconds, ordering: .relaxed)
    }

    /// The days that are left, or nil when no moment is set.
    package func days(at now: Int64) -> Double? {
        let moment = self.moment.load(ordering: .relaxed)
        return moment == .min ? nil : (Double(moment) - Double(now)) / 86_400e9
    }
}

extension ExpiryGauge: MetricSeries {
    package static var kind: MetricKind { .gauge }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        if let days = self.days(at: sample.now) {
            sample.write(days, into: &writer)
        }
    }
}
