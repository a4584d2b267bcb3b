import CountersignRouting
import CountersignTelemetry

/// What one worker keeps about a route: its endpoints' pools, and whose turn it is.
struct RouteState {
    /// By endpoint; `nil` where the endpoint's name did not resolve.
    var pools: [UpstreamPool?] = []
    private var turn = 0

    init(pools: [UpstreamPool?]) {
        self.pools = pools
    }

    /// The next endpoint in turn that can be reached.
    mutating func next() -> Int? {
        for _ in pools.indices {
            let index = turn % pools.count
            turn = index + 1
            if pools[index] != nil { return index }
        }
        return nil
    }
}
