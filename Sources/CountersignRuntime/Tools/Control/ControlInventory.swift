import CountersignControlModel
import CountersignIdentity
import CountersignJSON
import CountersignPolicy

/// All that a control plane holds, as its API tells it, with names for GUIDs.
struct ControlInventory {
    /// A domain.
    struct Domain {
        let guid: String
        let name: String
        let scope: RoutePolicyScope?
        let isInternal: Bool
    }

    /// A route.
    struct Route {
        let guid: String
        let domain: String
        let url: String
        let destinations: [RouteDestination]
        let options: RouteOptions
    }

    /// A permission of either side.
    struct Policy {
        let guid: String
        let side: PolicyRecord.Side
        let source: PolicySource
        let route: String
    }

    private(set) var domains: [Domain] = []
    private(set) var routes: [Route] = []
    private(set) var policies: [Policy] = []
    private(set) var directory = NameDirectory()
    /// Whether callers' owners are asked.
    private(set) var isBilateral = false

    /// Asks for everything.
    ///
    /// - Throws: ``ToolError``.
    init(_ connection: AdminConnection) throws(ToolError) {
        for object in try Self.all("/v3/domains", connection) {
            domains.append(try Self.reading { () throws(JSONError) in try Domain(object) })
        }
        for object in try Self.all("/v3/routes", connection) {
            routes.append(try Self.reading { () throws(JSONError) in try Route(object) })
        }
        for side in PolicyRecord.Side.allCases {
            for object in try Self.all("/v3/\(side.rawValue)_policies", connection) {
                policies.append(try Self.reading { () throws(JSONError) in try Policy(object, side) })
            }
        }
        directory = try NameDirectory(connection)
        let info = try connection.call("GET", "/v3/info") ?? .object([])
        isBilateral = try Self.reading { () throws(JSONError) in
            try JSONObject(info, known: nil).bool("bilateral") ?? false
        }
    }

    /// A route as routers are told it.
    func controlledRoute(_ route: Route) -> ControlledRoute {
        ControlledRoute(
            pattern: route.url,
            destinations: route.destinations,
            options: ControlledRoute.flattened(
                route.options,
                domains.first { $0.guid == route.domain }?.scope,
                policies(of: route.guid, .route).map(\.source),
                isBilateral ? policies(of: route.guid, .caller).map(\.source) : nil
            )
        )
    }

    /// The permissions that one side gives for a route.
    func policies(of route: String, _ side: PolicyRecord.Side) -> [Policy] {
        policies.filter { $0.route == route && $0.side == side }
    }

    /// The route of that host and path.
    func route(_ url: String) -> Route? { routes.first { $0.url == url } }

    /// The domain that a host is on: of several the longest.
    func domain(of host: String) -> Domain? {
        domains.filter { host == $0.name || host.hasSuffix(".\($0.name)") }.max { $0.name.count < $1.name.count }
    }

    /// Whether callers' owners are asked, or give any permission.
    var hasCallerPolicies: Bool { isBilateral || policies.contains { $0.side == .caller } }

    /// Every element of a list, page by page.
    static func all(_ path: String, _ connection: AdminConnection) throws(ToolError) -> [JSONObject] {
        var found: [JSONObject] = []
        var page = 1
        while true {
            let answer = try connection.call("GET", "\(path)?per_page=5000&page=\(page)") ?? .object([])
            let isLast = try reading { () throws(JSONError) in
                let object = try JSONObject(answer, known: nil)
                found += try object.objects("resources", known: nil, atMost: 5000) ?? []
                return try object.object("pagination", known: nil)?.object("next", known: nil) == nil
            }
            if isLast { return found }
            page += 1
        }
    }

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

extension ControlInventory.Domain {
    fileprivate init(_ object: JSONObject) throws(JSONError) {
        self.init(
            guid: try object.requiredString("guid"),
            name: try object.requiredString("name"),
            scope: try object.string("route_policies_scope").flatMap(RoutePolicyScope.init(rawValue:)),
            isInternal: try object.bool("internal") ?? false
        )
    }
}

extension ControlInventory.Route {
    /// Reads a route as the API shows it.
    ///
    /// - Throws: `JSONError` for what is none.
    init(_ object: JSONObject) throws(JSONError) {
        var destinations: [RouteDestination] = []
        for each in try object.objects("destinations", known: nil) ?? [] {
            guard let port = UInt16(exactly: try each.integer("port") ?? 0) else { throw each.wrong("port", "a port") }
            destinations.append(
                RouteDestination(
                    guid: try each.requiredString("guid"),
                    host: try each.requiredString("host"),
                    port: port,
                    usesTLS: try each.bool("tls") ?? false,
                    usesHTTP2: try each.string("protocol") == "http2",
                    certificateName: try each.string("certificate_name"),
                    app: try each.object("app", known: nil)?.string("guid"),
                    space: try each.object("space", known: nil)?.string("guid"),
                    organization: try each.object("organization", known: nil)?.string("guid")
                )
            )
        }
        self.init(
            guid: try object.requiredString("guid"),
            domain: try object.object("relationships", known: nil)?.object("domain", known: nil)?
                .object("data", known: nil)?.string("guid") ?? "",
            url: try object.requiredString("url"),
            destinations: destinations,
            options: try RouteOptions(reading: object["options"] ?? .object([]), at: "$.options")
        )
    }
}

extension ControlInventory.Policy {
    fileprivate init(_ object: JSONObject, _ side: PolicyRecord.Side) throws(JSONError) {
        guard let source = try? PolicySource(parsing: try object.requiredString("source")) else {
            throw object.wrong("source", "a source")
        }
        self.init(
            guid: try object.requiredString("guid"),
            side: side,
            source: source,
            route: try object.object("relationships", known: nil)?.object("route", known: nil)?
                .object("data", known: nil)?.string("guid") ?? ""
        )
    }
}
