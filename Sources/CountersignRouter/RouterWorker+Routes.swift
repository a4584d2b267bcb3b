import CountersignIdentity
import CountersignRouting
import CountersignTransport

extension RouterWorker {
    /// Makes changes of routes; the next request sees them, on open connections too.
    ///
    /// What this worker keeps about a route goes on with the route that takes its place, so that endpoints which stay
    /// keep their connections.
    func apply(_ changes: [RouteChange]) {
        tunnelsAreUnjudged = true
        for change in changes {
            guard let position = routes.apply(change), routeStates.indices.contains(position),
                let state = routeStates[position]
            else { continue }
            let next = change.route.map { RouteState(of: $0, after: state, self) }
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

    /// Looks again at how endpoints are reached, which a snapshot may have changed.
    ///
    /// Pools of endpoints that are reached as before keep their connections.
    func followUpstreamSecurity() {
        upstreamContexts.removeAll()
        for state in routeStates { state?.releaseChanged(self) }
        for pool in pools.values { pool.forgetFailures() }
    }

    /// Where an endpoint is, and what it has to prove; `nil` when it cannot be connected to.
    ///
    /// One that wants TLS is never sent anything else.
    ///
    /// - Parameter reach: on whose behalf, where that is not the process's own.
    func target(of endpoint: Endpoint, for reach: OutgoingReach? = nil) -> UpstreamTarget? {
        guard let resolved = endpoint.resolved,
            let address = SocketAddress(numericHost: resolved.description, port: endpoint.port)
        else { return nil }
        if let reach { return UpstreamTarget(endpoint, at: address, for: reach) }
        return UpstreamTarget(endpoint, at: address, by: snapshot.upstreamSecurity)
    }

    /// The pool of an endpoint, made when it is first wanted; `nil` when the endpoint cannot be connected to.
    ///
    /// - Parameters:
    ///   - reach: on whose behalf, where that is not the process's own.
    ///   - isKept: whether a new one is for others, too.
    func pool(of endpoint: Endpoint, for reach: OutgoingReach? = nil, isKept: Bool) -> UpstreamPool? {
        guard let target = target(of: endpoint, for: reach) else { return nil }
        if let pool = pools[target] { return pool }
        let pool = UpstreamPool(worker: self, target: target, isInUse: isKept)
        pool.health.failsChecks = failingTargets.contains(target)
        if isKept { pools[target] = pool }
        return pool
    }

    /// Ends the use of a pool by one route; with the last one, its idle connections are closed.
    func release(_ pool: UpstreamPool) {
        pool.routeCount -= 1
        guard pool.routeCount == 0, pool.isInUse else { return }
        pools[pool.target] = nil
        pool.retire()
    }
}
