import CountersignControlModel
import CountersignJSON
import CountersignPolicy

/// Writes what a control plane holds as a manifest that makes no difference when it is applied there.
struct ManifestWriter {
    private let inventory: ControlInventory
    private let usesNames: Bool
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
    }

    private mutating func write() {
        lines.append(inventory.domains.isEmpty ? "domains: []" : "domains:")
        for domain in inventory.domains.sorted(by: { $0.name < $1.name }) {
            lines.append("- name: \(Self.quoted(domain.name))")
            if domain.isInternal { lines.append("  internal: true") }
            if let scope = domain.scope {
                lines += ["  enforce_route_policies: true", "  route_policies_scope: \(scope.rawValue)"]
            }
        }
        let homes = Dictionary(grouping: inventory.routes) { Home($0.destinations.first) }
        lines.append(homes.isEmpty ? "applications: []" : "applications:")
        for (home, routes) in homes.sorted(by: { $0.key < $1.key }) {
            write(home)
            for route in routes.sorted(by: { $0.url < $1.url }) { write(route, home) }
        }
    }

    private mutating func write(_ home: Home) {
        let names = usesNames ? home.app.flatMap { inventory.directory.segments(.app, $0) } : nil
        if let names, names.count == 3, home.isNamed(names, inventory.directory) {
            lines += [
                "- name: \(Self.quoted(names[2]))", "  organization: \(Self.quoted(names[0]))",
                "  space: \(Self.quoted(names[1]))",
            ]
        } else {
            lines.append("- name: \(Self.quoted(names?.last ?? home.app ?? "unnamed"))")
            let guids = [
                ("organization_guid", home.organization), ("space_guid", home.space), ("app_guid", home.app),
            ]
            for (key, guid) in guids {
                if let guid { lines.append("  \(key): \(Self.quoted(guid))") }
            }
        }
        lines.append("  routes:")
    }

    private mutating func write(_ route: ControlInventory.Route, _ home: Home) {
        lines.append("  - route: \(Self.quoted(route.url))")
        lines.append(route.destinations.isEmpty ? "    endpoints: []" : "    endpoints:")
        for destination in route.destinations { write(destination, home) }
        let options = route.options.elements
        lines.append(options.isEmpty ? "    options: {}" : "    options:")
        for option in options {
            guard case .object(let members) = route.options.document,
                let value = members.first(where: { $0.name == option.name })?.value
            else { continue }
            lines.append("      \(Self.quoted(option.name)): \(value.compact)")
        }
        let domain = inventory.domains.first { $0.guid == route.domain }
        guard domain?.scope != nil else { return }
        write("policies", inventory.policies(of: route.guid, .route).map(\.source))
        let callers = inventory.policies(of: route.guid, .caller).map(\.source)
        if inventory.hasCallerPolicies { write("caller_policies", callers) }
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

    private mutating func write(_ key: String, _ sources: [PolicySource]) {
        lines.append(sources.isEmpty ? "    \(key): []" : "    \(key):")
        for text in sources.map({ usesNames ? inventory.directory.shown($0) : $0.description }).sorted() {
            lines.append("    - \(Self.quoted(text))")
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
