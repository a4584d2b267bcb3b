import CountersignTelemetry
import CountersignTransport
import Logging

/// What becomes of an endpoint by the requests that it is given.
extension UpstreamPool {
    /// The share of an endpoint that is neither new nor just back.
    static let fullShare = 1024

    /// Which part of what others get the endpoint gets, of ``fullShare``.
    func share(_ plan: BalancingPlan) -> Int {
        guard rampFrom > 0 else { return Self.fullShare }
        let age = worker.loop.now &- min(rampFrom, worker.loop.now)
        guard age < plan.slowStart else {
            rampFrom = 0
            return Self.fullShare
        }
        return max(Self.fullShare / 10, Int(UInt64(Self.fullShare) * (age / 1000) / max(plan.slowStart / 1000, 1)))
    }

    /// What one request more would mean to the endpoint, in relation to its share.
    func weightedLoad(_ plan: BalancingPlan) -> Int { (load + 1) * Self.fullShare / share(plan) }

    /// A request is given to it, to see whether it is well again.
    func tryAgain(isRepeatable: Bool) {
        guard health.admission(now: worker.loop.now, isRepeatable: isRepeatable) == .trial else { return }
        health.beginTrial(now: worker.loop.now)
    }

    /// A request failed at it.
    ///
    /// - Parameter state: the route of the request, of which so many endpoints may be ejected.
    func failed(_ fault: EndpointFault, of state: RouteState?) {
        guard isInUse else { return }
        let rules = worker.snapshot.ejection
        let wasEjected = health.ejection != nil
        let mayEject = health.isOnEdge(rules) && state?.mayEject(rules) ?? false
        guard let begun = health.fail(fault, now: worker.loop.now, rules, mayEject: mayEject) else { return }
        ejected(begun, fault, wasEjected: wasEjected)
        worker.tellOfEjection(self, fault.text.description, begun)
    }

    /// A connection to it could not be opened, or must not be used any more.
    func failed(_ failure: UpstreamFailure, of state: RouteState?) {
        if failure.suspends {
            suspend(for: failure)
        } else if let fault = EndpointFault(failure) {
            failed(fault, of: state)
        }
    }

    /// Leaves the endpoint out for a while, when that is what a failure to prove who it is asks for.
    func suspend(for failure: UpstreamFailure) {
        guard failure.suspends, isInUse else { return }
        let wasEjected = health.ejection != nil
        guard let begun = health.refuse(failure, now: worker.loop.now, worker.snapshot.ejection) else { return }
        ejected(begun, .identity, wasEjected: wasEjected)
        worker.countSuspension(self)
        worker.tellOfEjection(self, failure.reason, begun)
    }

    /// It answered a request.
    ///
    /// - Parameter isComplete: whether to the end.
    func succeeded(isComplete: Bool) {
        guard !health.isClear, health.succeed(now: worker.loop.now, isComplete: isComplete) else { return }
        worker.metrics.endpoints.ejected.add(-1, shard: worker.loop.index)
        rampFrom = worker.loop.now
        worker.tellOfReturn(self)
    }

    /// Takes over what active checks say.
    func checked(passes: Bool) {
        guard health.failsChecks == passes else { return }
        health.failsChecks = !passes
        if passes { rampFrom = worker.loop.now }
    }

    /// What speaks against it counts no more.
    func forgetHealth() {
        guard health.forget() else { return }
        worker.metrics.endpoints.ejected.add(-1, shard: worker.loop.index)
    }

    private func ejected(_ ejection: EndpointHealth.Ejection, _ fault: EndpointFault, wasEjected: Bool) {
        worker.metrics.endpoints.ejections.add(fault, shard: worker.loop.index)
        if !wasEjected { worker.metrics.endpoints.ejected.add(1, shard: worker.loop.index) }
    }
}

extension RouterWorker {
    /// Tells of an endpoint that is left out from now on.
    func tellOfEjection(_ pool: UpstreamPool, _ cause: String, _ ejection: EndpointHealth.Ejection) {
        guard takeRefusalLogTurn() else { return }
        logger.warning(
            "endpoint ejected",
            metadata: [
                "endpoint": .string("\(pool.target.address)"),
                "upstream": .string(pool.security?.name ?? ""),
                "cause": .string(cause),
                "milliseconds": .stringConvertible(ejection.length / 1_000_000),
                "worker": .stringConvertible(loop.index),
            ]
        )
    }

    /// Tells of an endpoint that serves again.
    func tellOfReturn(_ pool: UpstreamPool) {
        guard takeRefusalLogTurn() else { return }
        logger.notice(
            "endpoint serves again",
            metadata: [
                "endpoint": .string("\(pool.target.address)"),
                "upstream": .string(pool.security?.name ?? ""),
                "worker": .stringConvertible(loop.index),
            ]
        )
    }
}
