import CountersignRouting
import CountersignTesting
import Testing

@Suite struct RouteRegistryPropertyTests {
    @Test(arguments: 0..<30)
    func `a random history comes to what the plain rules come to`(round: UInt64) throws {
        var generator = SeededGenerator(seed: 700 + round)
        let registry = TestRegistry(seed: round)
        var table = RouteTable(seed: round)
        var model = ModelRegistry()
        var now: UInt64 = 0
        for _ in 0..<600 {
            now += UInt64.random(in: 0...3, using: &generator) * second
            let route = ["a.w", "*.w", "a.w/x", "a.w/x/y", "b.w"].randomElement(using: &generator) ?? "a.w"
            let host = "10.0.0.\(Int.random(in: 1...4, using: &generator))"
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<7:
                let lifetimes: [UInt32?] = [nil, 5, 30, 400]
                let lifetime = lifetimes.randomElement(using: &generator) ?? nil
                let signature = UInt64.random(in: 1...3, using: &generator)
                model.add(route, host, lifetime ?? 120, now)
                // Two words for the same thing: what repeats the last wording must come to the same as what is new.
                if registry.again(route, hash(host, lifetime, signature), now: now) { break }
                _ = try registry.add(
                    route,
                    host,
                    80,
                    lifetime: lifetime,
                    signature: hash(host, lifetime, signature),
                    now: now
                )
            case 7..<9:
                let wasThere = model.drop(route, host)
                #expect(try registry.drop(route, host, 80) == wasThere)
            case 9:
                let gone = model.prune(now)
                #expect(registry.prune(now: now) == gone)
            case 10:
                registry.refreshAll(now: now)
                model.refreshAll(now)
            default:
                let fixed = Bool.random(using: &generator) ? ["a.w", "c.w"] : []
                try registry.setFixed(fixed)
                model.fixed = Set(fixed)
            }
            for change in registry.changes() { table.apply(change) }
            #expect(registry.endpointCount == model.endpointCount)
        }
        #expect(table.count == model.routes.count)
        for (route, endpoints) in model.routes {
            let pattern = try RoutePattern(parsing: route)
            let host = (pattern.isWildcard ? "z." : "") + pattern.host
            let found = table.lookup(host: Array(host.utf8).span, path: Array(pattern.path.utf8).span)
            #expect(found?.pattern == pattern)
            #expect(found?.endpoints.map(\.host).sorted() == endpoints)
        }
    }

    private func hash(_ host: String, _ lifetime: UInt32?, _ signature: UInt64) -> UInt64 {
        UInt64(host.utf8.last ?? 0) << 32 | UInt64(lifetime ?? 0) << 8 | signature
    }
}

/// The rules of the registry as plainly as they can be said.
private struct ModelRegistry {
    var fixed: Set<String> = []
    private var members: [String: [String: (lifetime: UInt32, since: UInt64)]] = [:]

    var endpointCount: Int { members.values.reduce(0) { $0 + $1.count } }

    /// The routes that take requests, with the hosts of their endpoints.
    var routes: [String: [String]] {
        let owned = Set(fixed.map { $0.prefix { $0 != "/" } })
        let free = members.filter { !$0.value.isEmpty && !owned.contains($0.key.prefix { $0 != "/" }) }
        var routes = free.mapValues { $0.keys.sorted() }
        for route in fixed { routes[route] = [] }
        return routes
    }

    mutating func add(_ route: String, _ host: String, _ lifetime: UInt32, _ now: UInt64) {
        members[route, default: [:]][host] = (min(lifetime, 120), now)
    }

    mutating func drop(_ route: String, _ host: String) -> Bool {
        members[route]?.removeValue(forKey: host) != nil
    }

    mutating func prune(_ now: UInt64) -> Int {
        let before = endpointCount
        for (route, hosts) in members {
            members[route] = hosts.filter { now - $0.value.since <= UInt64($0.value.lifetime) * second }
        }
        return before - endpointCount
    }

    mutating func refreshAll(_ now: UInt64) {
        members = members.mapValues { $0.mapValues { ($0.lifetime, now) } }
    }
}
