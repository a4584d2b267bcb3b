import CountersignControlModel
import CountersignIdentity
import CountersignJSON
import CountersignPolicy

/// What a control plane holds, as its API tells it, with names for GUIDs.
struct ControlInventory {
    /// A domain.
    struct Domain {
        let guid: String
        let name: String
        let scope: RoutePolicyScope?
        let isInternal: Bool
        let metadata: RecordMetadata
    }

    /// A route.
    struct Route {
        let guid: String
        /// The GUID of its domain.
        let domain: String
        let url: String
        /// The GUID of the space that it belongs to.
        let space: String?
        let destinations: [RouteDestination]
        let options: RouteOptions
        let metadata: RecordMetadata
    }

    /// A permission of either side.
    struct Policy {
        let guid: String
        let side: PolicyRecord.Side
        let source: PolicySource
        /// The GUID of its route.
        let route: String
        let metadata: RecordMetadata
    }

    /// What tells the state from every later one; what was read is no older.
    let version: String
    /// Whether callers' owners are asked.
    let isBilateral: Bool
    private(set) var domains: [Domain] = []
    private(set) var routes: [Route] = []
    private(set) var policies: [Policy] = []
    var directory = NameDirectory()
    private var domainsByGUID: [String: Int] = [:]
    private var domainsByName: [String: Int] = [:]
    private var routesByGUID: [String: Int] = [:]
    private var routesByURL: [String: Int] = [:]
    private var policiesByRoute: [String: [Int]] = [:]

    /// An inventory in which nothing has been looked up yet.
    ///
    /// - Throws: ``ToolError`` when there is no control plane.
    init(of connection: AdminConnection) throws(ToolError) {
        let info = try connection.call("GET", "/v3/info") ?? .object([])
        (version, isBilateral) = try Self.reading { () throws(JSONError) in
            let object = try JSONObject(info, known: nil)
            return (try object.requiredString("version"), try object.bool("bilateral") ?? false)
        }
    }

    /// Asks for everything.
    ///
    /// - Throws: ``ToolError``.
    init(everythingOf connection: AdminConnection) throws(ToolError) {
        try self.init(of: connection)
        try ControlPages("/v3/domains", connection).read { object throws(JSONError) in add(try Domain(object)) }
        try ControlPages("/v3/routes", connection).read { object throws(JSONError) in add(try Route(object)) }
        for side in PolicyRecord.Side.allCases {
            try ControlPages("/v3/\(side.rawValue)_policies", connection).read { object throws(JSONError) in
                add(try Policy(object, side))
            }
        }
        directory = try NameDirectory(connection)
    }

    /// Adds a domain.
    mutating func add(_ domain: Domain) {
        guard domainsByGUID.updateValue(domains.count, forKey: domain.guid) == nil else { return }
        domainsByName[domain.name] = domains.count
        domains.append(domain)
    }

    /// Adds a route.
    mutating func add(_ route: Route) {
        guard routesByGUID.updateValue(routes.count, forKey: route.guid) == nil else { return }
        routesByURL[route.url] = routes.count
        routes.append(route)
    }

    /// Adds a permission.
    mutating func add(_ policy: Policy) {
        policiesByRoute[policy.route, default: []].append(policies.count)
        policies.append(policy)
    }

    /// A route as routers are told it.
    func controlledRoute(_ route: Route) -> ControlledRoute {
        ControlledRoute(
            pattern: route.url,
            destinations: route.destinations,
            options: ControlledRoute.flattened(
                route.options,
                domain(route.domain)?.scope,
                policies(of: route.guid, .route).map(\.source),
                isBilateral ? policies(of: route.guid, .caller).map(\.source) : nil
            )
        )
    }

    /// The permissions that one side gives for a route.
    func policies(of route: String, _ side: PolicyRecord.Side) -> [Policy] {
        (policiesByRoute[route] ?? []).map { policies[$0] }.filter { $0.side == side }
    }

    /// The route of that host and path.
    func route(_ url: String) -> Route? { routesByURL[url].map { routes[$0] } }

    /// The route with that GUID.
    func route(guid: String) -> Route? { routesByGUID[guid].map { routes[$0] } }

    /// The domain with that GUID.
    func domain(_ guid: String) -> Domain? { domainsByGUID[guid].map { domains[$0] } }

    /// The domain of that name.
    func domain(named name: String) -> Domain? { domainsByName[name].map { domains[$0] } }

    /// The domain that a host is on: of several the longest.
    func domain(of host: String) -> Domain? {
        var rest = Substring(host)
        while !rest.isEmpty {
            if let domain = domain(named: String(rest)) { return domain }
            guard let dot = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: dot)...]
        }
        return nil
    }

    /// Whether callers' owners are asked, or give any permission.
    var hasCallerPolicies: Bool { isBilateral || policies.contains { $0.side == .caller } }

    /// Reads what the server sent.
    ///
    /// - Throws: ``ToolError`` for what no control plane sends.
    static func reading<Value>(_ body: () throws(JSONError) -> Value) throws(ToolError) -> Value {
        do throws(JSONError) {
            return try body()
        } catch {
            throw ToolError("the answer is none of a control plane: \(error)", exitCode: AdminConnection.unreachable)
        }
    }
}
