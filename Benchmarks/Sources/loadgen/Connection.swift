/// One connection: what it is in the middle of, and how far it got.
protocol Connection: AnyObject {
    var socket: any LoadSocket { get }
    /// Whether nothing is under way on it.
    var isFree: Bool { get }
    /// When the request was due that was answered last or is in progress, for its latency.
    var startedAt: UInt64 { get }

    /// Sends as many requests as may be under way at once and are not.
    func start(at time: UInt64)

    /// Does what can be done without waiting, up to the next answer.
    func advance(_ plan: LoadPlan, buffer: UnsafeMutableBufferPointer<UInt8>) throws -> Progress
}

/// What a step of a connection led to.
enum Progress {
    /// The socket has no more for now.
    case waiting
    /// A response is complete.
    case answered
}
