import CountersignIdentity
import CountersignJSON
import CountersignRouting

/// Finds out in which place a route is, so that what is suggested for it is written for that place.
struct RouteHomes {
    /// The place of a route.
    enum Home: Equatable {
        /// A router's configuration file.
        case file(place: String, scope: String)
        /// The control plane, or what it has to say of a route of the bus.
        case controlPlane
        /// A registration on the bus that says itself who may call.
        case bus(scope: String)
        /// Nobody knows, for this reason.
        case unknown(String)
    }

    private let explain: ((ExplainedRequest) throws(ToolError) -> JSONValue)?
    private let connection: AdminConnection
    private let hint: String

    /// Prepares the questions.
    ///
    /// - Throws: ``ToolError`` for a file that cannot be used, or an address that is none.
    init(_ routes: ControlTool.RoutesOf, _ connection: AdminConnection) throws(ToolError) {
        self.connection = connection
        switch routes {
        case .router(let address):
            let router = try RunningRouter(address)
            explain = { request throws(ToolError) in try router.explain(request) }
            hint = "the router does not have it any more"
        case .configuration(let path):
            let rules = try ExplainedRules(configuration: path)
            explain = { request throws(ToolError) in rules.explained(request).document }
            hint = "neither the file nor the copy has it; give --router for routes of the bus"
        case .controlPlane:
            explain = nil
            hint = "the control plane does not have it; give --router or --config for routes of files and of the bus"
        }
    }

    /// The place of a route, of which one request is known.
    ///
    /// - Throws: ``ToolError`` when nobody answers.
    func home(of route: String, _ example: (host: String, path: String)) throws(ToolError) -> Home {
        guard let pattern = try? RoutePattern(parsing: route) else { return .unknown("it is no route") }
        guard let explain else {
            var lookup = try RouteLookup(connection)
            try lookup.loadRoutes(onHost: (pattern.isWildcard ? "*." : "") + pattern.host)
            return lookup.inventory.route(pattern.description) == nil ? .unknown(hint) : .controlPlane
        }
        guard let host = HostName(hostHeader: Array(example.host.utf8).span) else { return .unknown(hint) }
        let request = ExplainedRequest(
            caller: .names(subject: DistinguishedName(encodingOrder: []), spiffeID: nil),
            host: host,
            method: "GET",
            path: example.path.hasPrefix("/") ? example.path : "/"
        )
        return Self.home(try explain(request), of: pattern) ?? .unknown(hint)
    }

    private static func home(_ document: JSONValue, of pattern: RoutePattern) -> Home? {
        guard let answer = try? JSONObject(document, known: nil),
            (try? answer.string("route")) == pattern.description
        else { return nil }
        let scope = (try? answer.string("route_policy_scope")) ?? "any"
        switch try? answer.string("origin") {
        case "file": return .file(place: (try? answer.string("place")) ?? "", scope: scope)
        case "control plane": return .controlPlane
        // What owners bind is opened by a route of theirs alone; without destinations it has the bus's instances.
        case "bus": return (try? answer.string("binding")) == nil ? .bus(scope: scope) : .controlPlane
        default: return nil
        }
    }
}
