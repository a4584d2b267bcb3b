import CountersignHTTP1
import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

extension RouteState {
    /// An endpoint that a request goes to.
    struct Choice {
        let pool: UpstreamPool
        let position: Int
    }

    /// What a request asks of its endpoint.
    private struct Search {
        let exchange: Exchange
        let worker: RouterWorker
        /// With one, only endpoints are candidates that the policy finds near to it.
        let caller: Caller?
        /// Whether endpoints that are ejected for failures, or fail their checks, are candidates, as there are no others.
        var isLastResort = false
    }

    /// The endpoint that a request goes to next; `nil` when there is none that it may be given to.
    ///
    /// Endpoints that it was given to already are not, nor those that are barred. Ejected ones and those that fail their
    /// checks are when there is no other: then nothing is known to be better.
    func choose(for exchange: Exchange, _ worker: RouterWorker) -> Choice? {
        var search = Search(exchange: exchange, worker: worker, caller: exchange.nearCaller)
        if let choice = choose(search) {
            if !choice.pool.health.isClear { choice.pool.tryAgain(isRepeatable: exchange.isRepeatable) }
            return choice
        }
        search.isLastResort = true
        guard let choice = choose(search) else { return nil }
        worker.metrics.endpoints.lastResorts.add(shard: worker.loop.index)
        return choice
    }

    private func choose(_ search: Search) -> Choice? {
        if let name = search.exchange.stickyInstance, let choice = sticky(name, search) { return choice }
        let plan = search.worker.balancing
        switch route.balancing {
        case .hash(let hash):
            if let value = search.exchange.affinity, let choice = hashed(value, hash.balance, search) { return choice }
            return unhashed(plan.algorithm, plan, search)
        case .roundRobin: return unhashed(.roundRobin, plan, search)
        case .leastConnection: return unhashed(.leastConnection, plan, search)
        case nil: return unhashed(plan.algorithm, plan, search)
        }
    }

    private func unhashed(_ algorithm: BalancingPlan.Algorithm, _ plan: BalancingPlan, _ search: Search) -> Choice? {
        // A retry goes wherever there is an endpoint.
        if let zone = plan.preferredZone, search.exchange.attempts <= 1 {
            let local = index.members(of: zone)
            if !local.isEmpty, let choice = spread(algorithm, over: local, plan, search) { return choice }
        }
        return spread(algorithm, over: nil, plan, search)
    }

    /// - Parameter members: the endpoints to choose among; `nil` for all.
    private func spread(
        _ algorithm: BalancingPlan.Algorithm,
        over members: [Int32]?,
        _ plan: BalancingPlan,
        _ search: Search
    ) -> Choice? {
        switch algorithm {
        case .roundRobin: inTurn(over: members, plan, search)
        case .leastConnection: leastLoaded(over: members, plan, search)
        }
    }

    private func inTurn(over members: [Int32]?, _ plan: BalancingPlan, _ search: Search) -> Choice? {
        var passedOver: Choice?
        for _ in 0..<(members?.count ?? endpoints.count) {
            guard let choice = candidate(takeTurn(members), search) else { continue }
            let share = choice.pool.share(plan)
            if share == UpstreamPool.fullShare || search.worker.random.next(below: UpstreamPool.fullShare) < share {
                return choice
            }
            if passedOver == nil { passedOver = choice }
        }
        return passedOver
    }

    /// The least loaded of few endpoints, those in turn first; of many, the less loaded of two that chance has named.
    ///
    /// Looking at all would cost a request more the more endpoints there are; two of many come close to that (Mitzenmacher
    /// 2001).
    private func leastLoaded(over members: [Int32]?, _ plan: BalancingPlan, _ search: Search) -> Choice? {
        let count = members?.count ?? endpoints.count
        guard count > Self.fewEndpoints else {
            let start = takeTurn(members, isPlace: true)
            var best: Choice?
            for step in 0..<count {
                let place = start + step < count ? start + step : start + step - count
                best = lighter(best, candidate(members.map { Int($0[place]) } ?? place, search), plan)
            }
            return best
        }
        for _ in 0..<Self.draws {
            var best: Choice?
            for _ in 0..<2 {
                let place = search.worker.random.next(below: count)
                best = lighter(best, candidate(members.map { Int($0[place]) } ?? place, search), plan)
            }
            if let best { return best }
        }
        return inTurn(over: members, plan, search)
    }

    private func lighter(_ left: Choice?, _ right: Choice?, _ plan: BalancingPlan) -> Choice? {
        guard let left, let right else { return left ?? right }
        return right.pool.weightedLoad(plan) < left.pool.weightedLoad(plan) ? right : left
    }

    private func hashed(_ value: UInt64, _ balance: Double?, _ search: Search) -> Choice? {
        let table = index.hashTable()
        let place = table.place(of: value)
        var mostLoad = Int.max
        if let balance {
            let average = Double(load.count + 1) / Double(max(endpoints.count, 1))
            mostLoad = Int((balance * average).rounded(.up))
        }
        var overloaded: Choice?
        for step in 0..<min(table.count, Self.hashSteps) {
            guard let member = table.member(at: place + step), let choice = candidate(member, search) else { continue }
            if choice.pool.load < mostLoad { return choice }
            if overloaded == nil { overloaded = choice }
        }
        return overloaded
    }

    private func sticky(_ name: ByteRange, _ search: Search) -> Choice? {
        let bytes = unsafe search.exchange.headBytes.readable
        let range = unsafe UnsafeRawBufferPointer(rebasing: bytes[name.start..<name.end])
        guard let position = unsafe index.position(of: Span<UInt8>(_unsafeBytes: range)) else { return nil }
        return candidate(position, search)
    }

    /// An endpoint, if the request may be given to it.
    private func candidate(_ position: Int, _ search: Search) -> Choice? {
        if let caller = search.caller, !route.policy.admits(endpoints[position].scope, for: caller) { return nil }
        guard let pool = pool(position, search.worker), !search.exchange.hasTried(pool) else { return nil }
        if !pool.health.isClear {
            switch pool.health.admission(now: search.worker.loop.now, isRepeatable: search.exchange.isRepeatable) {
            case .open, .trial: break
            case .lastResort: if !search.isLastResort { return nil }
            case .barred: return nil
            }
        }
        return Choice(pool: pool, position: position)
    }

    /// The number of the endpoint whose turn it is, or its place among `members`.
    private func takeTurn(_ members: [Int32]?, isPlace: Bool = false) -> Int {
        guard let members else {
            let position = turn < endpoints.count ? turn : 0
            turn = position + 1
            return position
        }
        let place = localTurn < members.count ? localTurn : 0
        localTurn = place + 1
        return isPlace ? place : Int(members[place])
    }

    /// Up to how many endpoints all are looked at.
    private static let fewEndpoints = 16
    private static let draws = 4
    private static let hashSteps = 1024
}
