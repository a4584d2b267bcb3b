import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// What one worker keeps about a route: its endpoints' pools, and whose turn it is.
///
/// A request keeps the state that it was dispatched by: meanwhile another route may have taken the place.
/// Facet: `+Choice` (which endpoint a request goes to).
final class RouteState {
    let route: Route
    /// By endpoint; `nil` as long as it was not its turn, and where it cannot be connected to.
    private var pools: [UpstreamPool?]
    /// Which endpoints were not there before, where that counts; empty for none.
    private var isNew: [Bool] = []
    /// When they came, in nanoseconds of the loop.
    private var newSince: UInt64 = 0
    /// Another route has taken the place, or none.
    private var isReleased = false
    var turn = 0
    /// The turn among the endpoints of the preferred zone.
    var localTurn = 0
    let load: RouteLoad
    /// On whose behalf, and how, the endpoints are reached; `nil` for those of the router's own routes.
    private let reach: OutgoingReach?
    lazy var index = EndpointIndex(route.endpoints)

    init(of route: Route, load: RouteLoad = RouteLoad(), reach: OutgoingReach? = nil) {
        self.route = route
        self.reach = reach
        self.load = load
        self.pools = Array(repeating: nil, count: route.endpoints.count)
    }

    /// The state of a route that takes the place of another, with what it can use of that one's.
    convenience init(of route: Route, after earlier: RouteState, _ worker: RouterWorker) {
        self.init(of: route, load: earlier.load)
        turn = earlier.turn
        localTurn = earlier.localTurn
        if worker.balancing.slowStart > 0 {
            isNew = Array(repeating: true, count: endpoints.count)
            newSince = worker.loop.now
        }
        // Endpoints keep their order: most are where the one before them leads one to look.
        var shift = 0
        for position in earlier.endpoints.indices {
            let pool = earlier.pools[position]
            guard pool != nil || !isNew.isEmpty else { continue }
            let endpoint = earlier.endpoints[position]
            var place = position + shift
            if !endpoints.indices.contains(place) || !endpoints[place].isReachedLike(endpoint) {
                guard let found = endpoints.firstIndex(where: { $0.isReachedLike(endpoint) }) else { continue }
                place = found
                shift = found - position
            }
            if !isNew.isEmpty { isNew[place] = false }
            guard let pool, pools[place] == nil else { continue }
            pools[place] = pool
            pool.routeCount += 1
        }
    }

    var endpoints: [Endpoint] { route.endpoints }

    /// The endpoint at a position; `nil` where there is none.
    func endpoint(at position: Int) -> Endpoint? {
        endpoints.indices.contains(position) ? endpoints[position] : nil
    }

    /// Whether there is any endpoint to connect to.
    func isReachable(_ worker: RouterWorker) -> Bool {
        endpoints.contains { worker.target(of: $0, for: reach) != nil }
    }

    /// Why an endpoint is barred, when one is.
    var bar: UpstreamFailure? {
        for case let pool? in pools {
            if case .identity(let failure)? = pool.health.ejection?.cause { return failure }
        }
        return nil
    }

    /// Whether one more of the endpoints may be ejected for its failures.
    func mayEject(_ rules: EjectionRules) -> Bool {
        let ejected = pools.lazy.count { $0?.health.ejection != nil }
        return ejected < rules.mostEjected(of: endpoints.count)
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
            guard let pool = pools[index], worker.target(of: endpoints[index], for: reach) != pool.target else {
                continue
            }
            pools[index] = nil
            worker.release(pool)
        }
    }

    /// The pool of an endpoint; `nil` when it cannot be connected to.
    func pool(_ index: Int, _ worker: RouterWorker) -> UpstreamPool? {
        if let pool = pools[index] { return pool }
        // A request may outlive the route that it was given to: it gets its connection, of which nothing is kept.
        guard let pool = worker.pool(of: endpoints[index], for: reach, isKept: !isReleased) else { return nil }
        guard !isReleased else { return pool }
        pools[index] = pool
        pool.routeCount += 1
        if !isNew.isEmpty, isNew[index] { pool.rampFrom = newSince }
        return pool
    }
}
