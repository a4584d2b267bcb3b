import CountersignRouting
import CountersignTelemetry

/// What one worker keeps about a route: its endpoints' pools, and whose turn it is.
///
/// A request keeps the state that it was dispatched by: after a reload, the same index may mean another route.
final class RouteState {
    /// By endpoint; `nil` where the endpoint's name did not resolve.
    let pools: [UpstreamPool?]
    private var turn = 0

    init(pools: [UpstreamPool?]) {
        self.pools = pools
    }

    /// The next endpoint in turn that can be reached.
    func next() -> Int? {
        for _ in pools.indices {
            let index = turn % pools.count
            turn = index + 1
            if pools[index] != nil { return index }
        }
        return nil
    }
}
