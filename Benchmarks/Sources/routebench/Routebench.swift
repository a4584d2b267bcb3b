import CountersignPolicy
import CountersignRouting

/// What routes cost: a look-up, a decision, a registration over the bus, an endpoint, each by how many there are.
///
/// Prints one line a figure: what it is, the number, its unit, with tabs between. Everything runs in one thread; times
/// are processor time.
@main
enum Routebench {
    static func main() {
        for routes in [10, 1_000, 100_000] { measureLookup(routes: routes) }
        for sources in [10, 10_000] { Decisions.measure(sources: sources) }
        for policies in [10, 10_000] { Decisions.measure(policies: policies) }
        measureBus(routes: 100_000, endpointsPerRoute: 3, tables: 1)
        measureBus(routes: 100_000, endpointsPerRoute: 3, tables: 2)
    }

    private static func measureBus(routes: Int, endpointsPerRoute: Int, tables: Int) {
        let count = routes * endpointsPerRoute
        let pieces = Bus.messages(routes: routes, endpointsPerRoute: endpointsPerRoute)
        let before = Stopwatch.residentBytes
        var bus = Bus(tables: tables)
        let first = Stopwatch.perStep(count) { for piece in pieces { bus.take(piece, now: 1) } }
        let bytes = Double(Stopwatch.residentBytes - before) / Double(count)
        let again = Stopwatch.perStep(count) { for piece in pieces { bus.take(piece, now: 2) } }
        let what = tables == 1 ? "1 event loop" : "\(tables) event loops"
        precondition(bus.registry.endpointCount == count && bus.tables[0].count == routes)
        tell("registration, new, \(what)", first / 1000, "us")
        tell("registration, repeated, \(what)", again / 1000, "us")
        // Later runs live in what the first gave back.
        if tables == 1 { tell("memory of an endpoint, registered", bytes, "B") }
    }

    /// Prints a figure.
    static func tell(_ name: String, _ value: Double, _ unit: String) {
        print("\(name)\t\(value)\t\(unit)")
    }

    private static func measureLookup(routes: Int) {
        var table = RouteTable(seed: 3)
        for route in 0..<routes {
            guard let pattern = try? RoutePattern(parsing: "app-\(route).apps.example.com") else { continue }
            table.set(
                Route(
                    RouteDefinition(
                        pattern: pattern,
                        endpoints: [],
                        options: .empty,
                        policy: .unstated,
                        place: ""
                    )
                )
            )
        }
        // As requests come: a few routes get most of them.
        let hot = (0..<10).map { Array("app-\($0 * (routes / 10)).apps.example.com".utf8) }
        let cold = (0..<10_000).map { Array("app-\($0 * 7919 % routes).apps.example.com".utf8) }
        let path = Array("/v1/users".utf8)
        for hosts in [hot, cold] {
            let rounds = 2_000_000 / hosts.count
            var found = 0
            let time = Stopwatch.perStep(rounds * hosts.count, isWarm: true) {
                for _ in 0..<rounds {
                    for host in hosts where table.index(host: host.span, path: path.span) >= 0 { found += 1 }
                }
            }
            precondition(found == 2 * rounds * hosts.count)
            tell("look-up, \(hosts.count) hosts, \(routes) routes", time, "ns")
        }
    }
}
