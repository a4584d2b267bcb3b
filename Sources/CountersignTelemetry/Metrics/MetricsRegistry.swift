import Synchronization

/// All metrics of a process, and their text exposition for Prometheus.
package final class MetricsRegistry: Sendable {
    /// The media type of what ``render(into:)`` writes.
    package static var contentType: StaticString { "text/plain; version=0.0.4; charset=utf-8" }

    private let clock: @Sendable () -> Int64
    private let entries = Mutex<[Entry]>([])

    /// Creates an empty registry.
    ///
    /// - Parameter clock: Nanoseconds since 1970, for ages and expiries.
    package init(clock: @escaping @Sendable () -> Int64 = { WallClock.nanoseconds() }) {
        self.clock = clock
    }

    /// Adds a metric and hands it back.
    ///
    /// - Parameters:
    ///   - name: Its name, which must be new and of the form `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    ///   - help: One sentence for the reader of the exposition.
    ///   - series: The metric.
    @discardableResult
    package func register<Series: MetricSeries>(_ name: String, help: String, _ series: Series) -> Series {
        precondition(Self.isValid(name), "metric names are constants of the code: \(name) is not a valid one")
        self.entries.withLock { entries in
            precondition(!entries.contains { $0.name == name }, "metric \(name) is registered twice")
            entries.append(Entry(name: name, help: help, kind: Series.kind, series: series))
            entries.sort { $0.name < $1.name }
        }
        return series
    }

    /// Writes every metric, sorted by name, with its help and type.
    package func render(into writer: inout ByteWriter) {
        let now = self.clock()
        for entry in self.entries.withLock({ $0 }) {
            writer.append("# HELP ")
            writer.append(text: entry.name)
            writer.append(" ")
            MetricSample.writeEscaped(entry.help, quotes: false, into: &writer)
            writer.append("\n# TYPE ")
            writer.append(text: entry.name)
            writer.append(" ")
            writer.append(entry.kind.text)
            writer.append("\n")
            entry.series.render(MetricSample(name: entry.name, labels: [], now: now), into: &writer)
        }
    }

    /// Every metric, sorted by name, as one body.
    package func render() -> [UInt8] {
        var writer = ByteWriter(capacity: 16_384)
        self.render(into: &writer)
        return writer.bytes
    }

    private static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x3A: true
            default: false
            }
        }
    }

    private struct Entry: Sendable {
        let name: String
        let help: String
        let kind: MetricKind
        let series: any MetricSeries
    }
}
