import CountersignControlModel
import CountersignJSON
import CountersignPolicy

/// The changes that make a control plane what a manifest wants, each with a line that says what it changes.
struct ManifestPlan {
    /// One change.
    struct Step {
        /// What it changes: `+` for what is new, `-` for what goes, `~` for what changes.
        let line: String
        /// The change as `/v3/control_changes` takes it.
        let change: JSONValue

        init(_ line: String, _ action: String, _ members: [JSONValue.Member]) {
            self.line = line
            change = .object([.init("action", .string(action))] + members)
        }
    }

    private(set) var steps: [Step] = []
    private let inventory: ControlInventory
    private let domains: Set<String>
    // As the manifest names them, whoever had the name before.
    private var directory: NameDirectory

    /// Works out what differs.
    ///
    /// - Throws: ``ToolError`` for what cannot be changed, and for a route on no domain.
    init(_ manifest: ControlManifest, from inventory: ControlInventory) throws(ToolError) {
        self.inventory = inventory
        domains = Set(manifest.domains.map(\.name)).union(inventory.domains.map(\.name))
        directory = inventory.directory
        for name in manifest.names { try add(name) }
        for domain in manifest.domains { try add(domain) }
        for route in manifest.routes { try add(route) }
    }

    /// The whole plan as `/v3/control_changes` takes it: made of the state that was read, or not at all.
    var document: JSONValue {
        .object([.init("version", .string(inventory.version)), .init("changes", .array(steps.map(\.change)))])
    }

    private mutating func add(_ name: ControlManifest.Name) throws(ToolError) {
        guard inventory.directory.segments(name.kind, name.guid) != name.names, let own = name.names.last
        else { return }
        let outer = Array(name.names.dropLast())
        let parent = name.kind.parentKind.flatMap { directory.guid($0, outer) }
        let path = NameDirectory.text(name.kind, name.names)
        guard name.kind.parentKind == nil || parent != nil else {
            throw ToolError("\(path): nothing is named \(outer.joined(separator: "/")); put that before it")
        }
        let sign = inventory.directory.entry(name.kind, name.guid) == nil ? "+" : "~"
        var members: [JSONValue.Member] = [
            .init("kind", .string(name.kind.rawValue)), .init("guid", .string(name.guid)), .init("name", .string(own)),
        ]
        if let parent { members.append(.init("parent", .string(parent))) }
        directory.add(name.kind, name.guid, own, in: parent)
        steps.append(Step("\(sign) name \(path) \(name.guid)", "name.put", members))
    }

    private mutating func add(_ domain: ControlManifest.Domain) throws(ToolError) {
        let name = JSONValue.Member("name", .string(domain.name))
        if let present = inventory.domain(named: domain.name) {
            guard present.scope == domain.scope, present.isInternal == domain.isInternal else {
                throw ToolError(
                    "the domain \(domain.name) is there with other settings, which never change; "
                        + "delete it, or write the manifest as it is"
                )
            }
            if let notes = Self.notes(domain.metadata, instead: present.metadata) {
                steps.append(Step("~ domain \(domain.name) metadata", "domain.update", [name, notes]))
            }
            return
        }
        var members = [name]
        if domain.isInternal { members.append(.init("internal", .bool(true))) }
        if let scope = domain.scope {
            members.append(.init("enforce_route_policies", .bool(true)))
            members.append(.init("route_policies_scope", .string(scope.rawValue)))
        }
        if let notes = Self.notes(domain.metadata) { members.append(notes) }
        let scope = domain.scope.map { " with the scope \($0.rawValue)" } ?? ""
        steps.append(Step("+ domain \(domain.name)\(scope)", "domain.create", members))
    }

    private mutating func add(_ route: ControlManifest.Route) throws(ToolError) {
        let present = inventory.route(route.url)
        if let present {
            try change(present, to: route)
        } else {
            try make(route)
        }
        for (side, wanted) in [(PolicyRecord.Side.route, route.policies), (.caller, route.callerPolicies)] {
            guard let wanted else { continue }
            set(side, wanted, present.map { inventory.policies(of: $0.guid, side) } ?? [], of: route.url)
        }
    }

    private mutating func make(_ route: ControlManifest.Route) throws(ToolError) {
        let host = String(route.url.prefix { $0 != "/" })
        guard let domain = domain(of: host) else {
            throw ToolError("the route \(route.url) is on no domain; add one under domains")
        }
        let label = host == domain ? "" : String(host.dropLast(domain.count + 1))
        var members: [JSONValue.Member] = [
            .init("domain", .string(domain)), .init("host", .string(label)),
            .init("path", .string(String(route.url.dropFirst(host.count)))),
        ]
        let endpoints = route.endpoints ?? []
        if let space = route.space { members.append(.init("space", .string(space))) }
        if !endpoints.isEmpty { members.append(.init("destinations", .array(endpoints.map(\.document)))) }
        if let options = route.options { members.append(.init("options", options.document)) }
        if let notes = Self.notes(route.metadata) { members.append(notes) }
        let line =
            "+ route \(route.url)" + endpoints.map { " \($0.host):\($0.port)" }.joined()
            + (route.options.map { $0.elements.isEmpty ? "" : " \($0.json)" } ?? "")
        steps.append(Step(line, "route.create", members))
    }

    /// The longest domain that a host is on.
    private func domain(of host: String) -> String? {
        var rest = Substring(host)
        while !domains.contains(String(rest)) {
            guard let dot = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: dot)...]
        }
        return String(rest)
    }

    private mutating func change(
        _ present: ControlInventory.Route,
        to route: ControlManifest.Route
    ) throws(ToolError) {
        guard route.space == nil || route.space == present.space else {
            throw ToolError(
                "the route \(route.url) belongs to \(present.space.map { "the space \($0)" } ?? "no space"), which never "
                    + "changes; delete it, or write the manifest as it is"
            )
        }
        let url = JSONValue.Member("url", .string(route.url))
        if let options = route.options {
            var members: [JSONValue.Member] = []
            for element in present.options.elements where options[element.name] == nil {
                members.append(.init(element.name, .null))
            }
            if case .object(let wanted) = options.document {
                members += wanted.filter { present.options[$0.name] != options[$0.name] }
            }
            if !members.isEmpty {
                let line = "~ route \(route.url) options \(JSONValue.object(members).compact)"
                steps.append(Step(line, "route.update", [url, .init("options", .object(members))]))
            }
        }
        if let notes = Self.notes(route.metadata, instead: present.metadata) {
            steps.append(Step("~ route \(route.url) metadata", "route.update", [url, notes]))
        }
        guard let endpoints = route.endpoints else { return }
        let had = present.destinations.map(ControlManifest.Endpoint.init)
        let (before, after) = (Set(had), Set(endpoints))
        guard before != after else { return }
        let added = endpoints.filter { !before.contains($0) }.map { " +\($0.host):\($0.port)" }
        let removed = had.filter { !after.contains($0) }.map { " -\($0.host):\($0.port)" }
        let line = "~ route \(route.url) endpoints" + (added + removed).joined()
        let destinations = JSONValue.Member("destinations", .array(endpoints.map(\.document)))
        steps.append(Step(line, "route.destinations", [url, destinations]))
    }

    private mutating func set(
        _ side: PolicyRecord.Side,
        _ wanted: [ControlManifest.Policy],
        _ had: [ControlInventory.Policy],
        of url: String
    ) {
        let action = "\(side.rawValue)_policy"
        let word = side == .route ? "policy" : "caller policy"
        let former = Dictionary(had.map { ($0.source, $0) }) { first, _ in first }
        let kept = Set(wanted.map(\.source))
        func step(_ sign: String, _ source: PolicySource, _ verb: String, _ notes: JSONValue.Member? = nil) -> Step {
            let more = sign == "~" ? " metadata" : ""
            let members: [JSONValue.Member] = [
                .init("url", .string(url)), .init("source", .string(source.description)),
            ]
            let line = "\(sign) \(word) \(url) \(directory.shown(source))\(more)"
            return Step(line, "\(action).\(verb)", members + (notes.map { [$0] } ?? []))
        }
        let removals = had.filter { !kept.contains($0.source) }.map { step("-", $0.source, "delete") }
        let additions = wanted.compactMap { policy -> Step? in
            guard let present = former[policy.source] else {
                return step("+", policy.source, "create", Self.notes(policy.metadata))
            }
            return Self.notes(policy.metadata, instead: present.metadata).map { step("~", policy.source, "update", $0) }
        }
        // What excludes every other source cannot stand beside one.
        let isExclusive = kept.contains(.any) || former[.any] != nil
        steps += isExclusive ? removals + additions : additions + removals
    }

    /// The change that makes notes what they are to be; nil when they are that.
    private static func notes(
        _ wanted: RecordMetadata?,
        instead present: RecordMetadata = RecordMetadata()
    ) -> JSONValue.Member? {
        guard let wanted, wanted != present else { return nil }
        func change(_ wanted: [String: String], _ present: [String: String]) -> JSONValue {
            let gone = present.keys.filter { wanted[$0] == nil }.sorted().map { JSONValue.Member($0, .null) }
            let set = wanted.filter { present[$0.key] != $0.value }.sorted { $0.key < $1.key }
            return .object(gone + set.map { .init($0.key, .string($0.value)) })
        }
        let labels = change(wanted.labels, present.labels)
        let annotations = change(wanted.annotations, present.annotations)
        return .init("metadata", .object([.init("labels", labels), .init("annotations", annotations)]))
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

    /// The endpoint as the API takes it.
    var document: JSONValue {
        var members: [JSONValue.Member] = [.init("host", .string(host)), .init("port", .number(Int64(port)))]
        if usesTLS { members.append(.init("tls", .bool(true))) }
        if usesHTTP2 { members.append(.init("protocol", .string("http2"))) }
        if let certificateName { members.append(.init("certificate_name", .string(certificateName))) }
        for (name, guid) in [("app", app), ("space", space), ("organization", organization)] {
            if let guid { members.append(.init(name, .object([.init("guid", .string(guid))]))) }
        }
        return .object(members)
    }
}
