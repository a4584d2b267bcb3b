import CountersignPolicy
import CountersignRouting
import CountersignTelemetry

/// What one worker keeps about a route: its endpoints' pools, and whose turn it is.
///
/// A request keeps the state that it was dispatched by: meanwhile another route may have taken the place.
final class RouteState {
    private let endpoints: [Endpoint]
    /// By endpoint; `nil` as long as it was not its turn, and where it cannot be connected to.
    private var pools: [UpstreamPool?]
    /// Whether there is any endpoint to connect to.
    let isReachable: Bool
    private var turn = 0
    /// Another route has taken the place, or none.
    private var isReleased = false

    init(of route: Route) {
        self.endpoints = route.endpoints
        self.pools = Array(repeating: nil, count: route.endpoints.count)
        self.isReachable = route.endpoints.contains { Self.isReachable($0) }
    }

    /// The state of a route that takes the place of another, with what it can use of that one's.
    convenience init(of route: Route, after earlier: RouteState) {
        self.init(of: route)
        turn = earlier.turn
        // Endpoints keep their order: most are where the one before them leads one to look.
        var shift = 0
        for position in earlier.endpoints.indices {
            guard let pool = earlier.pools[position] else { continue }
            let endpoint = earlier.endpoints[position]
            var place = position + shift
            if !endpoints.indices.contains(place) || !Self.isSamePlace(endpoints[place], endpoint) {
                guard let found = endpoints.firstIndex(where: { Self.isSamePlace($0, endpoint) }) else { continue }
                place = found
                shift = found - position
            }
            guard pools[place] == nil else { continue }
            pools[place] = pool
            pool.routeCount += 1
        }
    }

    /// The pool of the next endpoint in turn that can be reached.
    ///
    /// - Parameters:
    ///   - worker: whose pools they are.
    ///   - caller: with one, only endpoints are candidates that the policy finds near to it.
    ///   - policy: the policy of the route.
    func next(_ worker: RouterWorker, near caller: Caller?, _ policy: RoutePolicy) -> UpstreamPool? {
        for _ in endpoints.indices {
            let index = turn % endpoints.count
            turn = index + 1
            if let caller, !policy.admits(endpoints[index].scope, for: caller) { continue }
            if let pool = pool(index, worker) { return pool }
        }
        return nil
    }

    /// Lets go of the pools.
    func release(_ worker: RouterWorker) {
        isReleased = true
        for pool in pools { if let pool { worker.release(pool) } }
        pools = Array(repeating: nil, count: endpoints.count)
    }

    private func pool(_ index: Int, _ worker: RouterWorker) -> UpstreamPool? {
        if let pool = pools[index] { return pool }
        // A request may outlive the route that it was given to: it gets its connection, of which nothing is kept.
        guard let pool = worker.pool(of: endpoints[index], isKept: !isReleased) else { return nil }
        guard !isReleased else { return pool }
        pools[index] = pool
        pool.routeCount += 1
        return pool
    }

    /// Whether an endpoint can be connected to: one that wants TLS or HTTP/2 must not be sent anything else.
    static func isReachable(_ endpoint: Endpoint) -> Bool {
        endpoint.resolved != nil && !endpoint.usesTLS && endpoint.applicationProtocol == .http1
    }

    private static func isSamePlace(_ one: Endpoint, _ other: Endpoint) -> Bool {
        one === other
            || one.port == other.port && one.resolved == other.resolved && one.usesTLS == other.usesTLS
                && one.applicationProtocol == other.applicationProtocol
    }
}
