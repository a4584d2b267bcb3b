import CountersignRouting
import CountersignTelemetry

/// What one worker keeps about a route: its endpoints' pools, and whose turn it is.
///
/// A request keeps the state that it was dispatched by: after a reload, the same index may mean another route.
final class RouteState {
    /// By endpoint; `nil` where its name did not resolve, or where it wants TLS and cannot be verified.
    let pools: [UpstreamPool?]
    /// Whether there is any endpoint to connect to.
    let isReachable: Bool
    private var turn = 0

    init(pools: [UpstreamPool?]) {
        self.pools = pools
        self.isReachable = pools.contains { $0 != nil }
    }

    /// The next endpoint in turn that can be reached and is not left out.
    func next() -> Int? {
        for _ in pools.indices {
            let index = turn % pools.count
            turn = index + 1
            if let pool = pools[index], !pool.isSuspended { return index }
        }
        return nil
    }

    /// Why an endpoint is left out, when one is.
    var suspension: UpstreamFailure? {
        pools.lazy.compactMap { $0?.isSuspended ?? false ? $0?.suspension.failure : nil }.first
    }
}
