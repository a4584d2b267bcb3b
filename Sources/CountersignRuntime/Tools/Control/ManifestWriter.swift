import CountersignControlModel
import CountersignJSON
import CountersignPKI
import CountersignPolicy

/// Writes what a control plane holds as a manifest that makes no difference when it is applied there.
struct ManifestWriter {
    private let inventory: ControlInventory
    private let usesNames: Bool
    private let hasCallerPolicies: Bool
    private var lines: [String] = []

    /// The manifest as YAML.
    ///
    /// - Parameter usesNames: whether sources and homes are written as names where they have them.
    static func text(_ inventory: ControlInventory, usesNames: Bool) -> String {
        var writer = ManifestWriter(inventory: inventory, usesNames: usesNames)
        writer.write()
        return writer.lines.map { $0 + "\n" }.joined()
    }

    private init(inventory: ControlInventory, usesNames: Bool) {
        self.inventory = inventory
        self.usesNames = usesNames
        hasCallerPolicies = inventory.hasCallerPolicies
    }

    private mutating func write() {
        writeNames()
        lines.append(inventory.domains.isEmpty ? "domains: []" : "domains:")
        for domain in inventory.domains.sorted(by: { $0.name < $1.name }) {
            lines.append("- name: \(Self.quoted(domain.name))")
            if domain.isInternal { lines.append("  internal: true") }
            if let scope = domain.scope {
                lines += ["  enforce_route_policies: true", "  route_policies_scope: \(scope.rawValue)"]
            }
            write(domain.metadata, indent: "  ")
        }
        let homes = Dictionary(grouping: inventory.routes) { Home($0.destinations.first) }
        lines.append(homes.isEmpty ? "applications: []" : "applications:")
        for (home, routes) in homes.sorted(by: { $0.key < $1.key }) {
            let routes = routes.sorted { $0.url < $1.url }
            write(home, first: routes.first?.url ?? "")
            for route in routes { write(route, home) }
        }
    }

    private mutating func writeNames() {
        var names: [(path: String, guid: String)] = []
        for kind in NameRecord.Kind.allCases {
            names += inventory.directory.guids(of: kind)
                .compactMap { guid in inventory.directory.path(kind, guid).map { (path: $0, guid: guid) } }
                .sorted { $0.path < $1.path }
        }
        guard !names.isEmpty else { return }
        lines.append("names:")
        for name in names { lines.append("- { name: \(Self.quoted(name.path)), guid: \(Self.quoted(name.guid)) }") }
    }

    private mutating func write(_ home: Home, first: String) {
        let names = home.app.flatMap { inventory.directory.segments(.app, $0) }
        if usesNames, let names, names.count == 3, home.isNamed(names, inventory.directory) {
            lines += [
                "- name: \(Self.quoted(names[2]))", "  organization: \(Self.quoted(names[0]))",
                "  space: \(Self.quoted(names[1]))",
            ]
        } else {
            // Whose instances serve the routes is not known of all; the first route tells those apart.
            lines.append("- name: \(Self.quoted(names?.last ?? home.app ?? first))")
            let guids = [
                ("organization_guid", NameRecord.Kind.organization, home.organization),
                ("space_guid", .space, home.space), ("app_guid", .app, home.app),
            ]
            for (key, kind, guid) in guids {
                guard let guid else { continue }
                lines.append("  \(key): \(Self.quoted(guid))\(comment(inventory.directory.path(kind, guid)))")
            }
        }
        lines.append("  routes:")
    }

    private mutating func write(_ route: ControlInventory.Route, _ home: Home) {
        lines.append("  - route: \(Self.quoted(route.url))")
        if let space = route.space { lines.append("    space_guid: \(Self.quoted(space))") }
        write(route.metadata, indent: "    ")
        lines.append(route.destinations.isEmpty ? "    endpoints: []" : "    endpoints:")
        for destination in route.destinations { write(destination, home) }
        guard case .object(let options) = route.options.document else { return }
        lines.append(options.isEmpty ? "    options: {}" : "    options:")
        for option in options { lines.append("      \(Self.quoted(option.name)): \(option.value.compact)") }
        guard inventory.domain(route.domain)?.scope != nil else { return }
        write("policies", inventory.policies(of: route.guid, .route))
        if hasCallerPolicies { write("caller_policies", inventory.policies(of: route.guid, .caller)) }
    }

    private mutating func write(_ metadata: RecordMetadata, indent: String) {
        guard let text = Self.text(metadata) else { return }
        lines.append("\(indent)metadata: \(text)")
    }

    private mutating func write(_ key: String, _ policies: [ControlInventory.Policy]) {
        lines.append(policies.isEmpty ? "    \(key): []" : "    \(key):")
        for policy in policies.sorted(by: { $0.source.description < $1.source.description }) {
            let source = policy.source.description
            let name = inventory.directory.shown(policy.source)
            let text = Self.quoted(usesNames ? name : source)
            let more = usesNames || name == source ? "" : comment(name)
            if let metadata = Self.text(policy.metadata) {
                lines.append("    - { source: \(text), metadata: \(metadata) }\(more)")
            } else {
                lines.append("    - \(text)\(more)")
            }
        }
    }

    private func comment(_ text: String?) -> String { text.map { "  # \(PrintableText.escaped($0))" } ?? "" }

    /// Notes in the form that YAML shares with JSON; nil when there are none.
    private static func text(_ metadata: RecordMetadata) -> String? {
        guard metadata != RecordMetadata() else { return nil }
        var members: [String] = []
        for (key, texts) in [("labels", metadata.labels), ("annotations", metadata.annotations)] where !texts.isEmpty {
            let pairs = texts.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(quoted($0.value))" }
            members.append("\(key): { \(pairs.joined(separator: ", ")) }")
        }
        return "{ \(members.joined(separator: ", ")) }"
    }

    private mutating func write(_ destination: RouteDestination, _ home: Home) {
        let host = destination.host.contains(":") ? "[\(destination.host)]" : destination.host
        let address = Self.quoted("\(host):\(destination.port)")
        var members: [String] = []
        if destination.usesTLS { members.append("tls: true") }
        if destination.usesHTTP2 { members.append("protocol: http2") }
        if let name = destination.certificateName { members.append("certificate_name: \(Self.quoted(name))") }
        let texts = [
            ("app_guid", destination.app, home.app), ("space_guid", destination.space, home.space),
            ("organization_guid", destination.organization, home.organization),
        ]
        for (key, own, common) in texts where own != common {
            members.append("\(key): \(own.map(Self.quoted) ?? "null")")
        }
        if members.isEmpty {
            lines.append("    - \(address)")
        } else {
            lines.append("    - { address: \(address), \(members.joined(separator: ", ")) }")
        }
    }

    /// A text in double quotes, in the escapes that JSON and YAML share.
    private static func quoted(_ text: String) -> String { JSONValue.string(text).compact }
}

/// Where an application runs, by which routes are grouped.
private struct Home: Hashable, Comparable {
    let app: String?
    let space: String?
    let organization: String?

    init(_ destination: RouteDestination?) {
        app = destination?.app
        space = destination?.space
        organization = destination?.organization
    }

    /// Whether the names of the app lead to the same space and organization.
    func isNamed(_ names: [String], _ directory: NameDirectory) -> Bool {
        directory.guid(.organization, [names[0]]) == organization
            && directory.guid(.space, Array(names.prefix(2))) == space
            && directory.guid(.app, names) == app
    }

    static func < (left: Home, right: Home) -> Bool {
        [left.organization, left.space, left.app].map { $0 ?? "" }
            .lexicographicallyPrecedes([right.organization, right.space, right.app].map { $0 ?? "" })
    }
}
