import Synchronization

/// Series of one name that differ in their label values; their number is bounded.
///
/// A child is looked up once, under a lock, and then used directly. When the family is full, further label values share
/// one child whose labels all read `other`, so that nobody can fill the memory by inventing label values.
package final class MetricFamily<Child: MetricSeries>: Sendable {
    /// The label names, in the order in which values are given.
    package let labelNames: [String]
    /// The largest number of children beside the one for overflow.
    package let limit: Int

    private let makeChild: @Sendable () -> Child
    private let overflow: Child
    private let state: Mutex<State>

    /// Creates a family without children.
    ///
    /// - Parameters:
    ///   - labelNames: The label names.
    ///   - limit: The largest number of children, at least 1.
    ///   - makeChild: Makes the series of label values that are new.
    package init(labelNames: [String], limit: Int = 1000, makeChild: @escaping @Sendable () -> Child) {
        self.labelNames = labelNames
        self.limit = max(limit, 1)
        self.makeChild = makeChild
        self.overflow = makeChild()
        self.state = Mutex(State())
    }

    /// The series of these label values, made on first use.
    ///
    /// - Parameter values: One value for each label name; missing ones read as empty, surplus ones are ignored.
    package func child(_ values: [String]) -> Child {
        self.state.withLock { state in
            if let child = state.children[values] { return child }
            guard state.children.count < self.limit else {
                state.overflowed = true
                return self.overflow
            }
            let child = self.makeChild()
            state.children[values] = child
            return child
        }
    }

    /// The series of these label values, made on first use.
    package func child(_ values: String...) -> Child {
        self.child(values)
    }

    /// Forgets the series of these label values, such as those of a service that is gone.
    package func remove(_ values: String...) {
        self.state.withLock { state in
            state.children[values] = nil
        }
    }

    private struct State: Sendable {
        var children: [[String]: Child] = [:]
        var overflowed = false
    }
}

extension MetricFamily: MetricSeries {
    package static var kind: MetricKind { Child.kind }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        let (children, overflowed) = self.state.withLock { ($0.children, $0.overflowed) }
        for (values, child) in children.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            child.render(self.sample(like: sample, values), into: &writer)
        }
        if overflowed {
            self.overflow.render(self.sample(like: sample, self.labelNames.map { _ in "other" }), into: &writer)
        }
    }

    private func sample(like sample: borrowing MetricSample, _ values: [String]) -> MetricSample {
        let labels = self.labelNames.enumerated().map { index, name in
            (name: name, value: index < values.count ? values[index] : "")
        }
        return MetricSample(name: sample.name, labels: sample.labels + labels, now: sample.now)
    }
}

/// Counters that differ in their label values.
package typealias CounterFamily = MetricFamily<Counter>

/// Gauges that differ in their label values.
package typealias GaugeFamily = MetricFamily<Gauge>
