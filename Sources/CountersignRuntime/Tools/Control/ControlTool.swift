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
            if admin.isJSON { return try documents("/v3/routes") }
            let inventory = try ControlInventory(everythingOf: connection)
            var table = TextTable(["ROUTE", "ENDPOINTS", "POLICIES", "OPTIONS", "GUID"])
            for route in inventory.routes.sorted(by: { $0.url < $1.url }) {
                let isEnforced = inventory.domain(route.domain)?.scope != nil
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
            var lookup = try RouteLookup(connection)
            let path = "/v3/routes/\(AdminQuery.encoded(try lookup.route(text).guid))?include=domain"
            return (try connection.call("GET", path) ?? .object([])).text + "\n"
        }
    }

    /// Removes a route with its policies.
    package func deleteRoute(_ text: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            var lookup = try RouteLookup(connection)
            let found = try lookup.route(text)
            _ = try connection.call("DELETE", "/v3/routes/\(AdminQuery.encoded(found.guid))")
            return "- route \(found.url)\n"
        }
    }

    /// Makes the control plane what a manifest wants, whole or not at all, and says what was changed.
    package func apply(_ file: String) -> ToolResult {
        admin.run { () throws(ToolError) in
            var plan = try plan(file)
            while !plan.steps.isEmpty {
                do throws(ToolError) {
                    _ = try connection.call("POST", "/v3/control_changes", plan.document)
                    return plan.steps.map { $0.line + "\n" }.joined()
                } catch {
                    guard error.status == 412 else {
                        throw ToolError("\(describe(error, plan))\nnothing was changed", exitCode: error.exitCode)
                    }
                    let again = try self.plan(file)
                    // What others have changed is theirs, as long as the manifest does not undo it.
                    guard again.steps.map(\.line) == plan.steps.map(\.line) else {
                        throw ToolError(
                            "the control plane was changed meanwhile, and so was what the manifest would change; look at "
                                + "routes diff and apply again. Nothing was changed",
                            exitCode: AdminConnection.refused
                        )
                    }
                    plan = again
                }
            }
            return "nothing to change\n"
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
            ManifestWriter.text(try ControlInventory(everythingOf: connection), usesNames: usesNames)
        }
    }

    // MARK: Policies

    /// Shows policies of one side, of one route or of all.
    package func listPolicies(ofCallers: Bool, route text: String?) -> ToolResult {
        admin.run { () throws(ToolError) in
            let side = ofCallers ? PolicyRecord.Side.caller : .route
            let inventory: ControlInventory
            if let text {
                var lookup = try RouteLookup(connection)
                let found = try lookup.route(text)
                if admin.isJSON { return try documents("/v3/\(side.rawValue)_policies?route_guids=\(found.guid)") }
                try lookup.loadPolicies(of: [found.guid])
                try lookup.loadNames()
                inventory = lookup.inventory
            } else {
                if admin.isJSON { return try documents("/v3/\(side.rawValue)_policies") }
                inventory = try ControlInventory(everythingOf: connection)
            }
            var table = TextTable(["ROUTE", "SOURCE", "NAME", "GUID"])
            for policy in inventory.policies where policy.side == side {
                let name = inventory.directory.shown(policy.source)
                let source = policy.source.description
                let url = inventory.route(guid: policy.route)?.url ?? policy.route
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
            var lookup = try RouteLookup(connection)
            let found = try lookup.route(text)
            try lookup.loadPolicies(of: [found.guid])
            var wanted: [PolicySource] = []
            for source in sources { wanted.append(try lookup.source(source)) }
            let inventory = lookup.inventory
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

    private func plan(_ file: String) throws(ToolError) -> ManifestPlan {
        let text = String(decoding: try ToolFile.read(file), as: UTF8.self)
        let inventory = try ControlInventory(everythingOf: connection)
        return try ManifestPlan(try ManifestReader.read(text, file: file, inventory.directory), from: inventory)
    }

    /// A refusal with the line of the change that it is about, which the authority calls by its number.
    private func describe(_ error: ToolError, _ plan: ManifestPlan) -> String {
        let mark = "changes["
        guard error.message.hasPrefix(mark), let end = error.message.firstIndex(of: "]"),
            let number = Int(error.message[..<end].dropFirst(mark.count)), plan.steps.indices.contains(number)
        else { return error.message }
        return plan.steps[number].line + error.message[end...].dropFirst()
    }

    private func documents(_ path: String) throws(ToolError) -> String {
        JSONValue.array(try ControlPages(path, connection).documents()).text + "\n"
    }
}
