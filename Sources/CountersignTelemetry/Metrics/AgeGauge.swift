import Synchronization

/// The seconds that have passed since something happened, counted when the metric is read.
///
/// There is no sample until it has happened once: an age of something that never was would read as a fault or as health.
package final class AgeGauge: Sendable {
    private let moment = Atomic<Int64>(.min)

    /// Creates a gauge for something that has not happened yet.
    package init() {}

    /// Records when it last happened, in nanoseconds since 1970.
    package func set(_ nanoseconds: Int64) {
        self.moment.store(nanoseconds, ordering: .relaxed)
    }

    /// Forgets when it last happened, as there is nothing any more whose age could be told.
    package func clear() {
        self.moment.store(.min, ordering: .relaxed)
    }

    /// The age in seconds, or nil when it has never happened.
    package func seconds(at now: Int64) -> Double? {
        let moment = self.moment.load(ordering: .relaxed)
        return moment == .min ? nil : (Double(now) - Double(moment)) / 1e9
    }
}

extension AgeGauge: MetricSeries {
    package static var kind: MetricKind { .gauge }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        if let seconds = self.seconds(at: sample.now) {
            sample.write(seconds, into: &writer)
        }
    }
}
