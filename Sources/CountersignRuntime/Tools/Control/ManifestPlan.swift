import CountersignControlModel
import CountersignJSON
import CountersignPolicy

/// The calls that make a control plane what a manifest wants, each with a line that says what it changes.
struct ManifestPlan {
    /// One call.
    struct Step {
        /// What it changes: `+` for what is new, `-` for what goes, `~` for what changes.
        let line: String
        let method: String
        /// The path; what is made by an earlier step is named in braces.
        let path: String
        let document: JSONValue?
        /// Where the GUID of what is made is kept for later steps.
        var makes: String?
    }

    private(set) var steps: [Step] = []
    private let inventory: ControlInventory

    /// Works out what differs.
    ///
    /// - Throws: ``ToolError`` for what cannot be changed, and for a route on no domain.
    init(_ manifest: ControlManifest, from inventory: ControlInventory) throws(ToolError) {
        self.inventory = inventory
        for domain in manifest.domains { try add(domain) }
        let names = Set(manifest.domains.map(\.name)).union(inventory.domains.map(\.name))
        for route in manifest.routes { try add(route, names) }
    }

    private mutating func add(_ domain: ControlManifest.Domain) throws(ToolError) {
        let scope = domain.scope.map { " with the scope \($0.rawValue)" } ?? ""
        if let present = inventory.domains.first(where: { $0.name == domain.name }) {
            guard present.scope == domain.scope, present.isInternal == domain.isInternal else {
                throw ToolError(
                    "the domain \(domain.name) is there with other settings, which never change; "
                        + "delete it, or write the manifest as it is"
                )
            }
            return
        }
        var members: [JSONValue.Member] = [.init("name", .string(domain.name))]
        if domain.isInternal { members.append(.init("internal", .bool(true))) }
        if let scope = domain.scope {
            members.append(.init("enforce_route_policies", .bool(true)))
            members.append(.init("route_policies_scope", .string(scope.rawValue)))
        }
        steps.append(
            Step(
                line: "+ domain \(domain.name)\(scope)",
                method: "POST",
                path: "/v3/domains",
                document: .object(members),
                makes: "domain \(domain.name)"
            )
        )
    }

    private mutating func add(_ route: ControlManifest.Route, _ domains: Set<String>) throws(ToolError) {
        let guid: String
        if let present = inventory.route(route.url) {
            guid = present.guid
            change(present, to: route)
        } else {
            guid = "{route \(route.url)}"
            try make(route, domains)
        }
        let present = inventory.route(route.url).map(\.guid)
        for (side, wanted) in [(PolicyRecord.Side.route, route.policies), (.caller, route.callerPolicies)] {
            guard let wanted else { continue }
            let had = present.map { inventory.policies(of: $0, side) } ?? []
            set(side, wanted, had, of: guid, route.url)
        }
    }

    private mutating func make(_ route: ControlManifest.Route, _ domains: Set<String>) throws(ToolError) {
        let host = String(route.url.prefix { $0 != "/" })
        let found = domains.filter { host == $0 || host.hasSuffix(".\($0)") }.max { $0.count < $1.count }
        guard let domain = found else {
            throw ToolError("the route \(route.url) is on no domain; add one under domains")
        }
        let guid = inventory.domains.first { $0.name == domain }?.guid ?? "{domain \(domain)}"
        let label = host == domain ? "" : String(host.dropLast(domain.count + 1))
        var members: [JSONValue.Member] = [
            .init("host", .string(label)), .init("path", .string(String(route.url.dropFirst(host.count)))),
            .init("relationships", Self.relationship("domain", guid)),
        ]
        let endpoints = route.endpoints ?? []
        if !endpoints.isEmpty { members.append(.init("destinations", .array(endpoints.map(Self.document)))) }
        if let options = route.options { members.append(.init("options", options.document)) }
        steps.append(
            Step(
                line: "+ route \(route.url)" + endpoints.map { " \($0.host):\($0.port)" }.joined()
                    + (route.options.map { $0.elements.isEmpty ? "" : " \($0.json)" } ?? ""),
                method: "POST",
                path: "/v3/routes",
                document: .object(members),
                makes: "route \(route.url)"
            )
        )
    }

    private mutating func change(_ present: ControlInventory.Route, to route: ControlManifest.Route) {
        let path = "/v3/routes/\(AdminQuery.encoded(present.guid))"
        if let options = route.options {
            var members: [JSONValue.Member] = []
            for element in present.options.elements where options[element.name] == nil {
                members.append(.init(element.name, .null))
            }
            if case .object(let wanted) = options.document {
                members += wanted.filter { present.options[$0.name] != options[$0.name] }
            }
            if !members.isEmpty {
                let document = JSONValue.object([.init("options", .object(members))])
                let line = "~ route \(route.url) options \(JSONValue.object(members).compact)"
                steps.append(Step(line: line, method: "PATCH", path: path, document: document))
            }
        }
        guard let endpoints = route.endpoints else { return }
        let had = present.destinations.map(ControlManifest.Endpoint.init)
        guard Set(had) != Set(endpoints) else { return }
        let added = endpoints.filter { !had.contains($0) }.map { " +\($0.host):\($0.port)" }
        let removed = had.filter { !endpoints.contains($0) }.map { " -\($0.host):\($0.port)" }
        steps.append(
            Step(
                line: "~ route \(route.url) endpoints" + (added + removed).joined(),
                method: "PATCH",
                path: "\(path)/destinations",
                document: .object([.init("destinations", .array(endpoints.map(Self.document)))])
            )
        )
    }

    private mutating func set(
        _ side: PolicyRecord.Side,
        _ wanted: [PolicySource],
        _ had: [ControlInventory.Policy],
        of route: String,
        _ url: String
    ) {
        let list = "/v3/\(side.rawValue)_policies"
        let word = side == .route ? "policy" : "caller policy"
        let removals = had.filter { !wanted.contains($0.source) }.map { policy in
            Step(
                line: "- \(word) \(url) \(inventory.directory.shown(policy.source))",
                method: "DELETE",
                path: "\(list)/\(AdminQuery.encoded(policy.guid))",
                document: nil
            )
        }
        let additions = wanted.filter { source in !had.contains { $0.source == source } }.map { source in
            Step(
                line: "+ \(word) \(url) \(inventory.directory.shown(source))",
                method: "POST",
                path: list,
                document: .object([
                    .init("source", .string(source.description)),
                    .init("relationships", Self.relationship("route", route)),
                ])
            )
        }
        // What excludes every other source cannot stand beside one, not even for a moment.
        let isExclusive = wanted.contains(.any) || had.contains { $0.source == .any }
        steps += isExclusive ? removals + additions : additions + removals
    }

    private static func relationship(_ name: String, _ guid: String) -> JSONValue {
        .object([.init(name, .object([.init("data", .object([.init("guid", .string(guid))]))]))])
    }

    private static func document(_ endpoint: ControlManifest.Endpoint) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("host", .string(endpoint.host)), .init("port", .number(Int64(endpoint.port))),
        ]
        if endpoint.usesTLS { members.append(.init("tls", .bool(true))) }
        if endpoint.usesHTTP2 { members.append(.init("protocol", .string("http2"))) }
        if let name = endpoint.certificateName { members.append(.init("certificate_name", .string(name))) }
        let guids = [("app", endpoint.app), ("space", endpoint.space), ("organization", endpoint.organization)]
        for (name, guid) in guids {
            if let guid { members.append(.init(name, .object([.init("guid", .string(guid))]))) }
        }
        return .object(members)
    }
}

extension ControlManifest.Endpoint {
    /// The endpoint that a destination is.
    init(_ destination: RouteDestination) {
        self.init(
            host: destination.host,
            port: destination.port,
            usesTLS: destination.usesTLS,
            usesHTTP2: destination.usesHTTP2,
            certificateName: destination.certificateName,
            app: destination.app,
            space: destination.space,
            organization: destination.organization
        )
    }
}
