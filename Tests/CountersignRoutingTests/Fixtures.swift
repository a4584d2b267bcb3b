import CountersignIdentity
import CountersignPolicy
import CountersignRouting

/// A seed for tables; which one does not matter to what they find.
let seed: UInt64 = 0x5EED

/// Routes without endpoints, placed at the lines 1, 2, 3 of a file.
func definitions(_ routes: [String]) throws -> [RouteDefinition] {
    try routes.enumerated().map { index, route in
        RouteDefinition(
            pattern: try RoutePattern(parsing: route),
            endpoints: [],
            options: .empty,
            policy: .unstated,
            place: "routes.yml:\(index + 1)"
        )
    }
}

func table(_ routes: [String], seed: UInt64 = seed) throws -> RouteTable {
    try RouteTable(routes: definitions(routes), seed: seed)
}

func domainTable(_ names: [String]) throws -> DomainTable {
    try DomainTable(
        domains: names.enumerated().map { index, name in
            MTLSDomain(pattern: try HostPattern(parsing: name), place: "router.yml:\(index + 1)")
        },
        seed: seed
    )
}

extension RouteTable {
    /// The pattern of the route that takes a request.
    func find(_ host: String, _ path: String) -> String? {
        let host = Array(host.utf8)
        let path = Array(path.utf8)
        return lookup(host: host.span, path: path.span)?.pattern.description
    }
}

extension DomainTable {
    /// The pattern of the domain that a host belongs to.
    func find(_ host: String) -> String? {
        let host = Array(host.utf8)
        return match(host: host.span).map { domains[$0].pattern.description }
    }
}
