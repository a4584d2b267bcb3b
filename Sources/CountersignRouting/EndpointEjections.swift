/// Which endpoints of a route to leave out for a while because connecting to them failed.
///
/// A value of its own for each event loop and route. When all of them failed, none is left out: trying is then better
/// than refusing.
public struct EndpointEjections: Sendable {
    /// How long an endpoint is left out unless told otherwise: 2 seconds, in nanoseconds.
    public static let defaultDuration: Int64 = 2_000_000_000

    /// Until when each endpoint is left out, on the clock of the caller; 0 for one that never failed.
    private var ends: [Int64]
    private let duration: Int64
    /// The latest of `ends`: nothing needs to be looked at after it.
    private var lastEnd: Int64 = 0

    /// Makes the state for a number of endpoints, none of which failed.
    ///
    /// - Parameters:
    ///   - count: how many endpoints there are.
    ///   - duration: for how many nanoseconds one that failed is left out.
    public init(count: Int, duration: Int64 = Self.defaultDuration) {
        self.ends = Array(repeating: 0, count: count)
        self.duration = duration
    }

    /// Notes that connecting to an endpoint failed.
    ///
    /// - Parameters:
    ///   - index: the endpoint's position; another than 0..<count is passed over.
    ///   - now: nanoseconds of a clock that does not go backward.
    public mutating func recordFailure(_ index: Int, now: Int64) {
        guard ends.indices.contains(index) else { return }
        ends[index] = now + duration
        lastEnd = max(lastEnd, ends[index])
    }

    /// Notes that connecting to an endpoint worked.
    public mutating func recordSuccess(_ index: Int) {
        guard lastEnd != 0, ends.indices.contains(index) else { return }
        ends[index] = 0
    }

    /// Whether an endpoint may be taken.
    public func isAvailable(_ index: Int, now: Int64) -> Bool {
        guard lastEnd > now, ends.indices.contains(index), ends[index] > now else { return true }
        return ends.allSatisfy { $0 > now }
    }
}
