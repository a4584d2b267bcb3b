import CountersignControlModel
import CountersignJSON
import CountersignPKI
import CountersignPolicy
import CountersignRouting

/// The commands over the API of a control plane: `routes`, `policies` and `names`.
package struct ControlTool: Sendable {
    let admin: AdminTool

    /// Makes the commands over a connection.
    package init(_ admin: AdminTool) {
        self.admin = admin
    }

    var connection: AdminConnection { admin.connection }

    // MARK: Routes

    /// Shows all routes.
    package func listRoutes() -> ToolResult {
        admin.run { () throws(ToolError) in
            let inventory = try ControlInventory(connection)
            if admin.isJSON { return try documents("/v3/routes") }
            var table = TextTable(["ROUTE", "ENDPOINTS", "POLICIES", "OPTIONS", "GUID"])
            for route in inventory.routes.sorted(by: { $0.url < $1.url }) {
                let isEnforced = inventory.domains.first { $0.guid == route.domain }?.scope != nil
                table.add([
                    route.url, route.destinations.map { "\($0.host):\($0.port)" }.joined(separator: ","),
                    isEnforced ? String(inventory.policies(of: route.guid, .route).count) : "not enforced",
                    route.options.elements.isEmpty ? "" : route.options.json, route.guid,
                ])
            }
            return table.text
        }
    }

    /// Shows one route with its policies.
    package func getRoute(_ text: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            let guid = try route(text, try ControlInventory(connection)).guid
            let path = "/v3/routes/\(AdminQuery.encoded(guid))?include=domain"
            return (try connection.call("GET", path) ?? .object([])).text + "\n"
        }
    }

    /// Removes a route with its policies.
    package func deleteRoute(_ text: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            let found = try route(text, try ControlInventory(connection))
            _ = try connection.call("DELETE", "/v3/routes/\(AdminQuery.encoded(found.guid))")
            return "- route \(found.url)\n"
        }
    }

    /// Makes the control plane what a manifest wants, and says what was changed.
    package func apply(_ file: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            let plan = try plan(file)
            var made: [String: String] = [:]
            var output = ""
            for step in plan.steps {
                do throws(ToolError) {
                    let document = step.document.map { $0.replacing(made) }
                    let answer = try connection.call(step.method, step.path, document)
                    if let name = step.makes, let answer { made["{\(name)}"] = AdminTool.cell(answer, "guid") }
                } catch {
                    let done = output.isEmpty ? "nothing was changed" : "before that:\n\(output)"
                    throw ToolError("\(step.line): \(error.message)\n\(done)", exitCode: error.exitCode)
                }
                output += step.line + "\n"
            }
            return output.isEmpty ? "nothing to change\n" : output
        }
    }

    /// Shows what applying a manifest would change; the exit code is 1 when that is anything.
    package func diff(_ file: String) -> ToolResult {
        do throws(ToolError) {
            let lines = try plan(file).steps.map { $0.line + "\n" }.joined()
            return ToolResult(output: lines, exitCode: lines.isEmpty ? 0 : 1)
        } catch {
            return ToolResult(error)
        }
    }

    /// Writes a manifest of everything.
    ///
    /// - Parameter usesNames: whether GUIDs are written as names where they have them.
    package func export(usesNames: Bool) -> ToolResult {
        admin.run { () throws(ToolError) in
            ManifestWriter.text(try ControlInventory(connection), usesNames: usesNames)
        }
    }

    // MARK: Policies

    /// Shows policies of one side, of one route or of all.
    package func listPolicies(ofCallers: Bool, route text: String?) -> ToolResult {
        admin.run { () throws(ToolError) in
            let inventory = try ControlInventory(connection)
            let side = ofCallers ? PolicyRecord.Side.caller : .route
            let only = try text.map { text throws(ToolError) in try route(text, inventory).guid }
            if admin.isJSON {
                return try documents("/v3/\(side.rawValue)_policies" + (only.map { "?route_guids=\($0)" } ?? ""))
            }
            var table = TextTable(["ROUTE", "SOURCE", "NAME", "GUID"])
            for policy in inventory.policies where policy.side == side && policy.route == only ?? policy.route {
                let url = inventory.routes.first { $0.guid == policy.route }?.url ?? policy.route
                let name = inventory.directory.shown(policy.source)
                let source = policy.source.description
                table.add([url, source, name == source ? "" : name, policy.guid])
            }
            return table.text
        }
    }

    /// Gives permissions; one that is there already is left as it is.
    package func addPolicies(ofCallers: Bool, route text: String, sources: [String]) -> ToolResult {
        changePolicies(ofCallers, text, sources) { inventory, side, route, source throws(ToolError) in
            guard !inventory.policies(of: route.guid, side).contains(where: { $0.source == source }) else { return nil }
            let data = JSONValue.object([.init("data", .object([.init("guid", .string(route.guid))]))])
            let document = JSONValue.object([
                .init("source", .string(source.description)),
                .init("relationships", .object([.init("route", data)])),
            ])
            _ = try connection.call("POST", "/v3/\(side.rawValue)_policies", document)
            return "+"
        }
    }

    /// Takes permissions back; one that is not there is an error.
    package func removePolicies(ofCallers: Bool, route text: String, sources: [String]) -> ToolResult {
        changePolicies(ofCallers, text, sources) { inventory, side, route, source throws(ToolError) in
            guard let policy = inventory.policies(of: route.guid, side).first(where: { $0.source == source }) else {
                throw ToolError("\(route.url) has no policy for \(source)", exitCode: AdminConnection.refused)
            }
            _ = try connection.call("DELETE", "/v3/\(side.rawValue)_policies/\(AdminQuery.encoded(policy.guid))")
            return "-"
        }
    }

    private func changePolicies(
        _ ofCallers: Bool,
        _ text: String,
        _ sources: [String],
        _ change: (ControlInventory, PolicyRecord.Side, ControlInventory.Route, PolicySource) throws(ToolError) ->
            String?
    ) -> ToolResult {
        admin.run { () throws(ToolError) in
            let inventory = try ControlInventory(connection)
            let found = try route(text, inventory)
            var wanted: [PolicySource] = []
            for source in sources { wanted.append(try inventory.directory.source(source)) }
            var output = ""
            for source in wanted {
                guard let sign = try change(inventory, ofCallers ? .caller : .route, found, source) else { continue }
                let word = ofCallers ? "caller policy" : "policy"
                output += "\(sign) \(word) \(found.url) \(inventory.directory.shown(source))\n"
            }
            return output.isEmpty ? "nothing to change\n" : output
        }
    }

    // MARK: Parts

    /// The route that a text means: its GUID, or its host and path.
    private func route(_ text: String, _ inventory: ControlInventory) throws(ToolError) -> ControlInventory.Route {
        let url = (try? RoutePattern(parsing: text).description) ?? text
        guard let route = inventory.routes.first(where: { $0.guid == text || $0.url == url }) else {
            throw ToolError("there is no route \(PrintableText.escaped(text))", exitCode: AdminConnection.refused)
        }
        return route
    }

    private func plan(_ file: String) throws(ToolError) -> ManifestPlan {
        let text = String(decoding: try ToolFile.read(file), as: UTF8.self)
        let inventory = try ControlInventory(connection)
        return try ManifestPlan(try ManifestReader.read(text, file: file, inventory.directory), from: inventory)
    }

    private func documents(_ path: String) throws(ToolError) -> String {
        let separator = path.contains("?") ? "&" : "?"
        let answer = try connection.call("GET", "\(path)\(separator)per_page=5000") ?? .object([])
        return JSONValue.array(AdminTool.array(answer, "resources")).text + "\n"
    }
}

extension JSONValue {
    /// The document with texts replaced that stand for others.
    fileprivate func replacing(_ texts: [String: String]) -> JSONValue {
        switch self {
        case .string(let text): .string(texts[text] ?? text)
        case .array(let values): .array(values.map { $0.replacing(texts) })
        case .object(let members): .object(members.map { Member($0.name, $0.value.replacing(texts)) })
        default: self
        }
    }
}
