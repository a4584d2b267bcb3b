/// The kinds of metric in the text exposition.
package enum MetricKind: Sendable {
    /// Only ever goes up.
    case counter
    /// Goes up and down.
    case gauge
    /// Cumulative buckets, a sum and a count.
    case histogram

    /// The word behind `# TYPE`.
    var text: StaticString {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
