import CountersignConfiguration
import CountersignControlModel
import CountersignIdentity
import CountersignPolicy
import CountersignRouting

/// Reads a manifest and reports every problem with its line and column.
///
/// Keys of an application that say nothing about its routes (`memory`, `buildpacks` and so on) are left alone, so that the
/// manifest by which an app is pushed can be read as it is.
struct ManifestReader {
    private var directory: NameDirectory
    private let diagnostics: ConfigurationDiagnostics

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: the YAML.
    ///   - file: what messages call it.
    ///   - directory: the names that it may use.
    /// - Throws: ``ToolError`` with every problem.
    static func read(_ text: String, file: String, _ directory: NameDirectory) throws(ToolError) -> ControlManifest {
        var reader = ManifestReader(directory: directory, diagnostics: ConfigurationDiagnostics(file: file))
        var manifest = ControlManifest()
        if let document = ConfigurationDocument(text: text, diagnostics: reader.diagnostics) {
            manifest = reader.manifest(document.root)
        }
        guard !reader.diagnostics.hasErrors else {
            let lines = reader.diagnostics.errors.map { "\($0.file):\($0.line):\($0.column): \($0.message)" }
            throw ToolError(lines.joined(separator: "\n"))
        }
        return manifest
    }

    private mutating func manifest(_ root: ConfigurationNode) -> ControlManifest {
        var manifest = ControlManifest()
        let members = mapping(root) ?? [:]
        for node in sequence(members["names"]) {
            if let name = name(node) { manifest.names.append(name) }
        }
        for node in sequence(members["domains"]) {
            guard let domain = domain(node) else { continue }
            if manifest.domains.contains(where: { $0.name == domain.name }) {
                fail("the domain \(domain.name) is there twice", node)
            }
            manifest.domains.append(domain)
        }
        guard let applications = members["applications"] else {
            if members["domains"] == nil { fail("there are neither applications nor domains", root) }
            return manifest
        }
        var urls: Set<String> = []
        for node in sequence(applications) {
            for (route, node) in application(node) {
                if !urls.insert(route.url).inserted { fail("the route \(route.url) is there twice", node) }
                manifest.routes.append(route)
            }
        }
        return manifest
    }

    /// A name, which counts for the rest of the manifest.
    private mutating func name(_ node: ConfigurationNode) -> ControlManifest.Name? {
        guard let members = mapping(node, known: ["name", "guid"]), let path = text(members["name"], "name", in: node),
            let guid = text(members["guid"], "guid", in: node)
        else { return nil }
        guard let (kind, names) = NameDirectory.parse(path), names.count == kind.depth, let own = names.last else {
            fail("a name is org:ORG, space:ORG/SPACE or app:ORG/SPACE/APP", members["name"] ?? node)
            return nil
        }
        let parent = kind.parentKind.flatMap { directory.guid($0, names.dropLast()) }
        directory.add(kind, guid, own, in: parent)
        return ControlManifest.Name(kind: kind, names: names, guid: guid)
    }

    private func domain(_ node: ConfigurationNode) -> ControlManifest.Domain? {
        let known = ["name", "enforce_route_policies", "route_policies_scope", "internal", "metadata"]
        guard let members = mapping(node, known: known), let name = text(members["name"], "name", in: node) else {
            return nil
        }
        var domain = ControlManifest.Domain(name: name.lowercased())
        domain.isInternal = flag(members["internal"]) ?? false
        domain.metadata = members["metadata"].flatMap(metadata)
        if flag(members["enforce_route_policies"]) ?? false {
            let text = members["route_policies_scope"].flatMap { self.text($0, "a scope", in: node) } ?? "any"
            domain.scope = RoutePolicyScope(rawValue: text)
            if domain.scope == nil { fail("route_policies_scope has to be any, org or space", node) }
        } else if let scope = members["route_policies_scope"] {
            fail("route_policies_scope has no meaning without enforce_route_policies: true", scope)
        }
        return domain
    }

    private func application(_ node: ConfigurationNode) -> [(ControlManifest.Route, ConfigurationNode)] {
        guard let members = mapping(node) else { return [] }
        let name = members["name"].flatMap { text($0, "name", in: node) } ?? ""
        let home = home(members, name: name, node)
        return sequence(members["routes"]).compactMap { node in route(node, home).map { ($0, node) } }
    }

    /// Where an application runs: by GUIDs, or by names that the directory knows.
    private func home(
        _ members: [String: ConfigurationNode],
        name: String,
        _ node: ConfigurationNode
    ) -> ControlManifest.Endpoint {
        var home = ControlManifest.Endpoint(host: "", port: 0)
        let texts = ["organization", "space", "organization_guid", "space_guid", "app_guid"]
        let values = Dictionary(
            uniqueKeysWithValues: texts.compactMap { key in
                members[key].flatMap { text($0, key, in: node) }.map { (key, $0) }
            }
        )
        home.organization = values["organization_guid"]
        home.space = values["space_guid"]
        home.app = values["app_guid"]
        guard let organization = values["organization"] else { return home }
        home.organization = home.organization ?? lookup(.organization, [organization], members["organization"] ?? node)
        guard let space = values["space"] else { return home }
        home.space = home.space ?? lookup(.space, [organization, space], members["space"] ?? node)
        // An app that nobody has named is no error: it may be pushed later.
        home.app = home.app ?? directory.guid(.app, [organization, space, name])
        return home
    }

    private func lookup(_ kind: NameRecord.Kind, _ names: [String], _ node: ConfigurationNode) -> String? {
        if let guid = directory.guid(kind, names) { return guid }
        fail("no \(kind.rawValue) is named \(names.joined(separator: "/")); countersign names put adds one", node)
        return nil
    }

    private func route(_ node: ConfigurationNode, _ home: ControlManifest.Endpoint) -> ControlManifest.Route? {
        let known = [
            "route", "protocol", "options", "endpoints", "policies", "caller_policies", "space_guid", "metadata",
        ]
        guard let members = mapping(node, known: known), let url = text(members["route"], "route", in: node) else {
            return nil
        }
        do throws(RoutingError) {
            var route = ControlManifest.Route(url: try RoutePattern(parsing: url).description)
            var home = home
            home.usesHTTP2 = members["protocol"].flatMap(isHTTP2) ?? false
            route.space = members["space_guid"].flatMap { text($0, "space_guid", in: node) }
            route.metadata = members["metadata"].flatMap(metadata)
            if let endpoints = members["endpoints"] { route.endpoints = self.endpoints(endpoints, home) }
            if let options = members["options"] { route.options = self.options(options) }
            if let policies = members["policies"] {
                route.policies = sources(policies)
                refuseOthersBesideAny(route.policies ?? [], policies)
            }
            if let policies = members["caller_policies"] { route.callerPolicies = sources(policies) }
            return route
        } catch {
            fail(error.message, members["route"] ?? node)
            return nil
        }
    }

    private func endpoints(
        _ node: ConfigurationNode,
        _ home: ControlManifest.Endpoint
    ) -> [ControlManifest.Endpoint] {
        var addresses: Set<String> = []
        return whole(node, "endpoints").compactMap { node in
            guard let endpoint = endpoint(node, home) else { return nil }
            let address = "\(endpoint.host):\(endpoint.port)"
            if !addresses.insert(address).inserted { fail("the endpoint \(address) is there twice", node) }
            return endpoint
        }
    }

    private func isHTTP2(_ node: ConfigurationNode) -> Bool? {
        guard let word = text(node, "protocol", in: node) else { return nil }
        guard let known = ["http1": false, "http2": true][word] else {
            fail("protocol has to be http1 or http2", node)
            return nil
        }
        return known
    }

    private func endpoint(
        _ node: ConfigurationNode,
        _ home: ControlManifest.Endpoint
    ) -> ControlManifest.Endpoint? {
        var made = home
        var address: String?
        if case .scalar = node.content {
            address = text(node, "an endpoint", in: node)
        } else {
            let known = [
                "address", "tls", "protocol", "certificate_name", "app_guid", "space_guid", "organization_guid",
            ]
            guard let members = mapping(node, known: known) else { return nil }
            func value(_ key: String) -> String? { members[key].flatMap { text($0, key, in: node) } }
            address = text(members["address"], "address", in: node)
            made.usesTLS = flag(members["tls"]) ?? false
            if let wanted = members["protocol"].flatMap(isHTTP2) { made.usesHTTP2 = wanted }
            made.certificateName = value("certificate_name")
            // Nothing says that the endpoint is none of the application's.
            func own(_ key: String, or common: String?) -> String? {
                guard let node = members[key] else { return common }
                return node.isNull ? nil : value(key)
            }
            made.app = own("app_guid", or: made.app)
            made.space = own("space_guid", or: made.space)
            made.organization = own("organization_guid", or: made.organization)
        }
        guard let address else { return nil }
        do throws(RoutingError) {
            let parsed = try Endpoint(parsing: address)
            made.host = parsed.host
            made.port = parsed.port
            return made
        } catch {
            fail(error.message, node)
            return nil
        }
    }

    private func options(_ node: ConfigurationNode) -> RouteOptions? {
        var elements: [RouteOptions.Element] = []
        guard case .mapping(let entries) = node.content else {
            fail("options have to be a mapping; write {} for none, or leave the key out to keep them", node)
            return nil
        }
        for entry in entries {
            guard case .scalar(let scalar) = entry.value.content else {
                fail("the option \(entry.key) has to be a text, a number or a boolean", entry.value)
                continue
            }
            let value: RouteOptionValue? =
                switch scalar.kind {
                case .string: .string(scalar.text)
                case .boolean: .boolean(scalar.text.lowercased() == "true")
                case .integer: Int(scalar.text).map(RouteOptionValue.integer)
                case .decimal: Double(scalar.text).map(RouteOptionValue.number)
                case .null: nil
                }
            if let value {
                elements.append(RouteOptions.Element(entry.key, value))
            } else {
                fail("the option \(entry.key) has no usable value", entry.value)
            }
        }
        guard let options = try? RouteOptions(elements) else { return nil }
        for problem in RouteOptionRules.problems(of: options) {
            let place = entries.first { $0.key == problem.option }?.value ?? node
            fail("\(problem.option.map { "\($0): " } ?? "")\(problem.message)", place)
        }
        return options
    }

    private func sources(_ node: ConfigurationNode) -> [ControlManifest.Policy] {
        var policies: [ControlManifest.Policy] = []
        var seen: Set<PolicySource> = []
        for node in whole(node, "policies") {
            var text: String?
            var metadata: RecordMetadata?
            if case .mapping = node.content {
                let members = mapping(node, known: ["source", "metadata"])
                text = members.flatMap { self.text($0["source"], "source", in: node) }
                metadata = members?["metadata"].flatMap(self.metadata)
            } else {
                text = self.text(node, "a source", in: node)
            }
            guard let text else { continue }
            do throws(ToolError) {
                let source = try directory.source(text)
                if !seen.insert(source).inserted { fail("the source \(text) is there twice", node) }
                policies.append(ControlManifest.Policy(source: source, metadata: metadata))
            } catch {
                fail(error.message, node)
            }
        }
        return policies
    }

    private func refuseOthersBesideAny(_ policies: [ControlManifest.Policy], _ node: ConfigurationNode) {
        guard policies.count > 1, policies.contains(where: { $0.source == .any }) else { return }
        fail("cf:any excludes every other source of its route; keep it, or the others", node)
    }

    private func metadata(_ node: ConfigurationNode) -> RecordMetadata? {
        guard let members = mapping(node, known: ["labels", "annotations"]) else { return nil }
        return RecordMetadata(labels: texts(members["labels"]), annotations: texts(members["annotations"]))
    }

    private func texts(_ node: ConfigurationNode?) -> [String: String] {
        guard let node, let members = mapping(node) else { return [:] }
        var texts: [String: String] = [:]
        for (name, node) in members {
            if case .scalar(let scalar) = node.content, !node.isNull {
                texts[name] = scalar.text
            } else {
                fail("a text is expected", node)
            }
        }
        return texts
    }

    // MARK: Nodes

    private func mapping(_ node: ConfigurationNode, known: [String]? = nil) -> [String: ConfigurationNode]? {
        guard case .mapping(let entries) = node.content else {
            fail("expected a mapping, found \(node.kindInWords)", node)
            return nil
        }
        for entry in entries where !(known?.contains(entry.key) ?? true) {
            fail(
                "there is no key \(IdentityError.excerpt(of: entry.key)) here; known are \(known?.joined(separator: ", ") ?? "")",
                entry.value
            )
        }
        return Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// A list that stands for everything: nothing behind its key would take all away without saying so.
    private func whole(_ node: ConfigurationNode, _ word: String) -> [ConfigurationNode] {
        if node.isNull { fail("there is no list; write [] for no \(word), or leave the key out to keep them", node) }
        return sequence(node)
    }

    private func sequence(_ node: ConfigurationNode?) -> [ConfigurationNode] {
        guard let node, !node.isNull else { return [] }
        guard case .sequence(let nodes) = node.content else {
            fail("expected a list, found \(node.kindInWords)", node)
            return []
        }
        return nodes
    }

    private func text(_ node: ConfigurationNode?, _ name: String, in parent: ConfigurationNode) -> String? {
        guard let node, case .scalar(let scalar) = node.content, !node.isNull, !scalar.text.isEmpty else {
            fail("\(name) is missing, or is no text", node ?? parent)
            return nil
        }
        return scalar.text
    }

    private func flag(_ node: ConfigurationNode?) -> Bool? {
        guard let node else { return nil }
        guard case .scalar(let scalar) = node.content, scalar.kind == .boolean else {
            fail("expected true or false", node)
            return nil
        }
        return scalar.text.lowercased() == "true"
    }

    private func fail(_ message: String, _ node: ConfigurationNode) {
        diagnostics.error(
            message,
            at: ConfigurationPlace(file: diagnostics.file, line: node.line, column: node.column, path: "")
        )
    }
}
