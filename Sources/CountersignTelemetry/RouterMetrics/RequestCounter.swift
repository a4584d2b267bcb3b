/// The requests of one domain by status class and method, sharded by event loop.
package final class RequestCounter: Sendable {
    private let cells: ShardedCells

    /// Creates counters at zero for that many event loops.
    package init(shards: Int) {
        self.cells = ShardedCells(
            cells: HTTPStatusClass.allCases.count * HTTPMethodClass.allCases.count,
            shards: shards
        )
    }

    /// Counts one finished request.
    ///
    /// - Parameters:
    ///   - status: The status sent to the client; 0 when none was.
    ///   - method: The request's method.
    ///   - shard: The index of the loop that calls; no other thread may use it at the same time.
    package func add(status: Int, method: HTTPMethodClass, shard: Int) {
        self.cells.add(1, to: Self.cell(HTTPStatusClass(status: status), method), shard: shard)
    }

    /// The requests of one class and method over all loops.
    package func value(_ status: HTTPStatusClass, _ method: HTTPMethodClass) -> UInt64 {
        self.cells.sum(of: Self.cell(status, method))
    }

    private static func cell(_ status: HTTPStatusClass, _ method: HTTPMethodClass) -> Int {
        status.rawValue &* 9 &+ method.rawValue
    }
}

extension RequestCounter: MetricSeries {
    package static var kind: MetricKind { .counter }

    /// Writes the pairs that have occurred; the 54 possible ones of every domain would be noise.
    package func render(_ sample: borrowing MetricSample, into writer: inout ByteWriter) {
        for status in HTTPStatusClass.sortedCases {
            let labels = sample.labels + [(name: "\(HTTPStatusClass.labelName)", value: "\(status.text)")]
            let inner = MetricSample(name: sample.name, labels: labels, now: sample.now)
            for method in HTTPMethodClass.sortedCases {
                let value = self.value(status, method)
                guard value > 0 else { continue }
                inner.write(value, into: &writer, with: HTTPMethodClass.labelName, method.text)
            }
        }
    }
}
