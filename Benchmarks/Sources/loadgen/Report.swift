import Foundation

/// The outcome of a load, as it is printed.
struct Report: Encodable {
    var mode: String
    var connections: Int
    var seconds: Double
    var requests: UInt64
    /// Requests of an open loop that were due and had no answer at the end; they are among the latencies.
    var unanswered: UInt64
    var errors: Int
    var firstError: String?
    var requestsPerSecond: Double
    var resumed: Int
    var negotiated: String
    var latencyMicroseconds: Latency
    var ownProcessorSeconds: Double

    struct Latency: Encodable {
        var p50: Double
        var p90: Double
        var p99: Double
        var max: Double
    }

    init(plan: LoadPlan, figures: Figures) {
        let latencies = figures.latencies
        mode = plan.mode.rawValue
        connections = plan.connections
        seconds = Double(figures.elapsed) / 1e9
        requests = latencies.count - figures.unanswered
        unanswered = figures.unanswered
        errors = figures.errors
        firstError = figures.firstError
        requestsPerSecond = Double(requests) / seconds
        resumed = figures.resumed
        negotiated = figures.negotiated ?? "nothing"
        latencyMicroseconds = Latency(
            p50: Double(latencies.value(atFraction: 0.5)) / 1e3,
            p90: Double(latencies.value(atFraction: 0.9)) / 1e3,
            p99: Double(latencies.value(atFraction: 0.99)) / 1e3,
            max: Double(latencies.maximum) / 1e3
        )
        ownProcessorSeconds = Double(figures.processorTime) / 1e9
    }

    /// One line of JSON, keys in snake case and in order.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
