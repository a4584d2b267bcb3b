import CountersignControlModel
import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignPolicy
import CountersignRouting

/// Looks single routes up by the filters of the API, whatever else a control plane holds.
struct RouteLookup {
    /// What was looked up so far.
    private(set) var inventory: ControlInventory
    private let connection: AdminConnection

    /// Begins with nothing.
    ///
    /// - Throws: ``ToolError`` when there is no control plane.
    init(_ connection: AdminConnection) throws(ToolError) {
        self.connection = connection
        inventory = try ControlInventory(of: connection)
    }

    /// The route that a text means: its host and path, or its GUID.
    ///
    /// - Throws: ``ToolError`` when there is none.
    mutating func route(_ text: String) throws(ToolError) -> ControlInventory.Route {
        if let pattern = try? RoutePattern(parsing: text) {
            try loadRoutes(onHost: (pattern.isWildcard ? "*." : "") + pattern.host)
            if let route = inventory.route(pattern.description) { return route }
        }
        if (try? CloudFoundryGUID(parsing: text)) != nil { try load("guids=\(AdminQuery.encoded(text))") }
        guard let route = inventory.route(guid: text) else {
            throw ToolError("there is no route \(PrintableText.escaped(text))", exitCode: AdminConnection.refused)
        }
        return route
    }

    /// Looks up all routes that could take requests for a host: its own, and those for every host of a domain.
    ///
    /// - Throws: ``ToolError``.
    mutating func loadRoutes(onHost host: String) throws(ToolError) {
        var names: [String] = []
        var rest = host.hasPrefix("*.") ? host.dropFirst(2) : Substring(host)
        while !rest.isEmpty {
            names.append(String(rest))
            rest = rest.firstIndex(of: ".").map { rest[rest.index(after: $0)...] } ?? ""
        }
        let query = "names=\(names.map(AdminQuery.encoded).joined(separator: ","))"
        var inventory = inventory
        try ControlPages("/v3/domains?\(query)", connection).read { object throws(JSONError) in
            inventory.add(try ControlInventory.Domain(object))
        }
        self.inventory = inventory
        for domain in inventory.domains where names.contains(domain.name) {
            let label = host == domain.name ? "" : String(host.dropLast(domain.name.count + 1))
            let hosts = Set([label, "*"]).sorted().map(AdminQuery.encoded).joined(separator: ",")
            try load("domain_guids=\(AdminQuery.encoded(domain.guid))&hosts=\(hosts)")
        }
    }

    /// Looks up the policies of routes.
    ///
    /// - Throws: ``ToolError``.
    mutating func loadPolicies(of routes: [String]) throws(ToolError) {
        var inventory = inventory
        for start in stride(from: 0, to: routes.count, by: 100) {
            let guids = routes[start..<min(start + 100, routes.count)].map(AdminQuery.encoded).joined(separator: ",")
            for side in PolicyRecord.Side.allCases {
                let path = "/v3/\(side.rawValue)_policies?route_guids=\(guids)"
                try ControlPages(path, connection).read { object throws(JSONError) in
                    inventory.add(try ControlInventory.Policy(object, side))
                }
            }
        }
        self.inventory = inventory
    }

    /// Looks up the names of the sources of all policies that were looked up.
    ///
    /// - Throws: ``ToolError``.
    mutating func loadNames() throws(ToolError) {
        try inventory.directory.load(inventory.policies.lazy.map(\.source), connection)
    }

    /// The source that a text means, with what it is called.
    ///
    /// - Throws: ``ToolError`` for what is none.
    mutating func source(_ text: String) throws(ToolError) -> PolicySource {
        if let (kind, names) = NameDirectory.parse(text) { try inventory.directory.load(kind, names, connection) }
        let source = try inventory.directory.source(text)
        try inventory.directory.load(CollectionOfOne(source), connection)
        return source
    }

    /// Looks up what leads to an app: by names, or from its GUID outwards.
    ///
    /// - Throws: ``ToolError``.
    mutating func loadNames(ofApp text: String) throws(ToolError) {
        if let (kind, names) = NameDirectory.parse(text) {
            try inventory.directory.load(kind, names, connection)
        } else {
            let guid = text.hasPrefix("cf:app:") ? String(text.dropFirst("cf:app:".count)) : text
            guard (try? CloudFoundryGUID(parsing: guid)) != nil else { return }
            try inventory.directory.load(.app, guids: [guid], connection)
        }
    }

    private mutating func load(_ query: String) throws(ToolError) {
        var inventory = inventory
        try ControlPages("/v3/routes?\(query)", connection).read { object throws(JSONError) in
            inventory.add(try ControlInventory.Route(object))
        }
        self.inventory = inventory
        // What a route found by its GUID is on.
        let missing = Set(inventory.routes.map(\.domain)).filter { inventory.domain($0) == nil }.sorted()
        guard !missing.isEmpty else { return }
        let guids = missing.map(AdminQuery.encoded).joined(separator: ",")
        try ControlPages("/v3/domains?guids=\(guids)", connection).read { object throws(JSONError) in
            inventory.add(try ControlInventory.Domain(object))
        }
        self.inventory = inventory
    }
}
