import CountersignIdentity
import CountersignRouting
import CountersignTransport

extension RouterWorker {
    /// Makes changes of routes; the next request sees them, on open connections too.
    ///
    /// What this worker keeps about a route goes on with the route that takes its place, so that endpoints which stay
    /// keep their connections.
    func apply(_ changes: [RouteChange]) {
        for change in changes {
            guard let position = routes.apply(change), routeStates.indices.contains(position),
                let state = routeStates[position]
            else { continue }
            let next = change.route.map { RouteState(of: $0, after: state) }
            routeStates[position] = next
            state.release(self)
        }
    }

    /// What this worker keeps about the route at a position.
    func state(of route: Route, at position: Int) -> RouteState {
        if routeStates.indices.contains(position), let state = routeStates[position] { return state }
        while routeStates.count <= position { routeStates.append(nil) }
        let state = RouteState(of: route)
        routeStates[position] = state
        return state
    }

    /// The pool of an endpoint, made when it is first wanted; `nil` when the endpoint cannot be connected to.
    ///
    /// - Parameter isKept: whether a new one is for others, too.
    func pool(of endpoint: Endpoint, isKept: Bool) -> UpstreamPool? {
        guard RouteState.isReachable(endpoint), let resolved = endpoint.resolved,
            let address = SocketAddress(numericHost: resolved.description, port: endpoint.port)
        else { return nil }
        let name = address.description
        if let pool = pools[name] { return pool }
        let pool = UpstreamPool(worker: self, address: address)
        if isKept { pools[name] = pool }
        return pool
    }

    func uses(_ pool: UpstreamPool) -> Bool {
        pools[pool.name] === pool
    }

    /// Ends the use of a pool by one route; with the last one, its idle connections are closed.
    func release(_ pool: UpstreamPool) {
        pool.routeCount -= 1
        guard pool.routeCount == 0, uses(pool) else { return }
        pools[pool.name] = nil
        pool.closeIdle()
    }
}
