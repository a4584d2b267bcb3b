import CountersignPolicy
import CountersignRouting

/// Look-ups in a table of 1,000 routes and a wildcard.
enum Routes {
    static func lookup(_ host: String) -> () -> Void {
        var table = RouteTable(seed: 3)
        let hosts = (0..<1_000).map { "app-\($0).apps.example.com" } + ["*.wild.example.com"]
        for host in hosts {
            guard let pattern = try? RoutePattern(parsing: host) else { continue }
            let definition = RouteDefinition(
                pattern: pattern,
                endpoints: [],
                options: .empty,
                policy: .unstated,
                place: ""
            )
            table.set(Route(definition))
        }
        let host = Array(host.utf8)
        let path = Array("/v1/users".utf8)
        let isKnown = !host.ends(with: ".org")
        return { Hotpath.expect((table.index(host: host.span, path: path.span) >= 0) == isKnown, "the route is found") }
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
