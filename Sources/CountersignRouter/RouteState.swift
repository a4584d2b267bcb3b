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
    private var turn = 0
    /// The endpoint that was found last.
    private(set) var found: Endpoint?
    /// Another route has taken the place, or none.
    private var isReleased = false

    init(of route: Route) {
        self.endpoints = route.endpoints
        self.pools = Array(repeating: nil, count: route.endpoints.count)
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
            if !endpoints.indices.contains(place) || !endpoints[place].isReachedLike(endpoint) {
                guard let found = endpoints.firstIndex(where: { $0.isReachedLike(endpoint) }) else { continue }
                place = found
                shift = found - position
            }
            guard pools[place] == nil else { continue }
            pools[place] = pool
            pool.routeCount += 1
        }
    }

    /// The pool of the next endpoint in turn that can be reached and is not left out.
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
            if let pool = pool(index, worker), !pool.isSuspended {
                found = endpoints[index]
                return pool
            }
        }
        return nil
    }

    /// Whether there is any endpoint to connect to.
    func isReachable(_ worker: RouterWorker) -> Bool {
        endpoints.contains { worker.target(of: $0) != nil }
    }

    /// Why an endpoint is left out, when one is.
    var suspension: UpstreamFailure? {
        pools.lazy.compactMap { $0?.isSuspended ?? false ? $0?.suspension.failure : nil }.first
    }

    /// Lets go of the pools.
    func release(_ worker: RouterWorker) {
        isReleased = true
        for pool in pools { if let pool { worker.release(pool) } }
        pools = Array(repeating: nil, count: endpoints.count)
    }

    /// Lets go of the pools of endpoints that are to be reached in another way than they were.
    func releaseChanged(_ worker: RouterWorker) {
        for index in pools.indices {
            guard let pool = pools[index], worker.target(of: endpoints[index]) != pool.target else { continue }
            pools[index] = nil
            worker.release(pool)
        }
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
}
