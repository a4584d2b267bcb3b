/// What a load counted.
struct Figures {
    private(set) var latencies = LatencyHistogram()
    /// How many of the latencies are of requests that had no answer at the end.
    private(set) var unanswered: UInt64 = 0
    private(set) var errors = 0
    private(set) var firstError: String?
    private(set) var resumed = 0
    private(set) var negotiated: String?
    private(set) var elapsed: UInt64 = 0
    private(set) var processorTime: UInt64 = 0
    private let startedAt = MonotonicTime.now()
    private let processorTimeAtStart = MonotonicTime.processorTime()

    mutating func answer(after nanoseconds: UInt64, on socket: any LoadSocket, opensConnections: Bool) {
        latencies.record(nanoseconds)
        guard opensConnections || negotiated == nil else { return }
        if socket.wasResumed { resumed += 1 }
        negotiated = negotiated ?? socket.negotiated
    }

    mutating func leaveUnanswered(after nanoseconds: UInt64) {
        latencies.record(nanoseconds)
        unanswered += 1
    }

    mutating func fail(_ error: LoadError) {
        errors += 1
        firstError = firstError ?? error.description
    }

    mutating func stop() {
        elapsed = MonotonicTime.now() - startedAt
        processorTime = MonotonicTime.processorTime() - processorTimeAtStart
    }
}
