/// A distribution of durations over fixed buckets, sharded by event loop.
package final class ShardedHistogram: Sendable {
    /// The buckets' upper bounds in nanoseconds, ascending, without the infinite one.
    package let bounds: [UInt64]

    private let cells: ShardedCells

    /// Creates an empty histogram.
    ///
    /// - Parameters:
    ///   - bounds: Upper bounds in nanoseconds, inclusive; sorted and made unique.
    ///   - shards: Number of event loops.
    package init(bounds: [UInt64], shards: Int) {
        self.bounds = Set(bounds).sorted()
        self.cells = ShardedCells(cells: self.bounds.count + 2, shards: shards)
    }

    /// Records one duration.
    ///
    /// - Parameters:
    ///   - nanoseconds: The duration; negative, from a clock that went back, counts as 0.
    ///   - shard: The index of the loop that calls; no other thread may use it at the same time.
    package func observe(nanoseconds: Int64, shard: Int) {
        let value = UInt64(max(nanoseconds, 0))
        var bucket = 0
        while bucket < self.bounds.count, self.bounds[bucket] < value {
            bucket &+= 1
        }
        self.cells.add(1, to: bucket, shard: shard)
        self.cells.add(value, to: self.bounds.count &+ 1, shard: shard)
    }

    /// How many durations were recorded.
    package var count: UInt64 {
        (0...self.bounds.count).reduce(0) { $0 &+ self.cells.sum(of: $1) }
    }

    /// The sum of all durations in nanoseconds.
    package var sum: UInt64 { self.cells.sum(of: self.bounds.count + 1) }
}

extension ShardedHistogram: MetricSeries {
    package static var kind: MetricKind { .histogram }

    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        // The sum is read first: a scrape that meets an observation half way may then miss its duration, but the
        // buckets and the count agree with each other always.
        let sum = self.sum
        var cumulative: UInt64 = 0
        for (index, bound) in self.bounds.enumerated() {
            cumulative &+= self.cells.sum(of: index)
            sample.write(cumulative, into: &writer, suffix: "_bucket", bound: Double(bound) / 1e9)
        }
        cumulative &+= self.cells.sum(of: self.bounds.count)
        sample.write(cumulative, into: &writer, suffix: "_bucket", bound: .infinity)
        sample.write(Double(sum) / 1e9, into: &writer, suffix: "_sum")
        sample.write(cumulative, into: &writer, suffix: "_count")
    }
}

extension ShardedHistogram {
    /// Bounds for requests: 0.25 ms to 60 s.
    package static var requestBounds: [UInt64] {
        Self.microseconds([
            250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
            5_000_000, 10_000_000, 30_000_000, 60_000_000,
        ])
    }

    /// Bounds for handshakes: 0.25 ms to 10 s.
    package static var handshakeBounds: [UInt64] {
        Self.microseconds([
            250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
            10_000_000,
        ])
    }

    /// Bounds for cutting connections: 0.1 ms to 5 s.
    package static var cutBounds: [UInt64] {
        Self.microseconds([
            100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
        ])
    }

    private static func microseconds(_ bounds: [UInt64]) -> [UInt64] {
        bounds.map { $0 * 1000 }
    }
}
