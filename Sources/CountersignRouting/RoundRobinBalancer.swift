/// Takes the endpoints of a route in turn.
///
/// A value of its own for each event loop and route: it is not shared and needs no lock.
public struct RoundRobinBalancer: Sendable {
    private var position: Int

    /// Makes a balancer.
    ///
    /// - Parameter start: where to begin, any number; different ones keep event loops from all beginning with the same
    ///   endpoint.
    public init(start: Int = 0) {
        position = start & Int.max
    }

    /// The next endpoint that is available.
    ///
    /// - Parameters:
    ///   - count: how many endpoints there are; it may differ from call to call.
    ///   - isAvailable: whether the endpoint at a position may be taken.
    /// - Returns: a position, 0..<count, or `nil` when there is none that is available.
    public mutating func next<Failure: Error>(
        count: Int,
        isAvailable: (Int) throws(Failure) -> Bool
    ) throws(Failure) -> Int? {
        guard count > 0 else { return nil }
        let first = position % count
        for step in 0..<count {
            let candidate = (first + step) % count
            guard try isAvailable(candidate) else { continue }
            position = candidate + 1
            return candidate
        }
        return nil
    }
}
