package import CountersignConfiguration
import CountersignHTTPClient
import CountersignIdentity
import CountersignJSON

/// `countersign agent status`: what a running agent says about its certificates.
package enum AgentStatusTool {
    /// Asks the agent that runs with a configuration file.
    ///
    /// - Parameters:
    ///   - path: the configuration file; its `admin.listen` says where the agent answers.
    ///   - loader: reads the file, with the environment's overrides.
    ///   - json: whether the answer is printed as it is, in place of a table.
    /// - Returns: exit code 0 when all is well, 1 when the agent is not ready, 2 when there is no answer.
    package static func run(path: String, loader: ConfigurationLoader, json: Bool) -> ToolResult {
        let result = loader.load(path: path, role: .agent)
        guard let configuration = result.configuration else {
            let refusal = ConfigurationRefusal(problems: result.problems)
            return ToolResult(output: "", diagnostics: "\(refusal)\n", exitCode: 2)
        }
        let listen = configuration.admin.listen
        let address = listen.address.isUnspecified ? "127.0.0.1" : "\(listen.address)"
        let client = HTTPClient(HTTPEndpoint(host: address, port: listen.port, isSecure: false))
        do {
            let response = try client.request("GET", "/health", within: .seconds(5))
            let report = try JSONValue(parsing: response.body)
            let exitCode: Int32 = response.status == 200 ? 0 : 1
            return ToolResult(output: json ? report.text + "\n" : try table(report), exitCode: exitCode)
        } catch {
            return ToolResult(
                output: "",
                diagnostics: "the agent at \(listen) does not answer: \(error)\n",
                exitCode: 2
            )
        }
    }

    private static func table(_ report: JSONValue) throws(JSONError) -> String {
        let object = try JSONObject(report, known: nil)
        var rows = [["SERVICE", "VALID", "REMAINING", "RENEW", "SERIAL", "SPIFFE ID"]]
        if let own = try object.object("identity", known: nil) { rows.append(try row("(agent)", own)) }
        if case .object(let services)? = object["services"] {
            for service in services { rows.append(try row(service.name, JSONObject(service.value, known: nil))) }
        }
        var text = aligned(rows)
        text += "\nstatus: \(try object.string("status") ?? "unknown")\n"
        guard case .object(let components)? = object["components"] else { return text }
        for component in components {
            guard let reason = try JSONObject(component.value, known: nil).string("reason") else { continue }
            text += "\(component.name): \(reason)\n"
        }
        return text
    }

    private static func row(_ name: String, _ status: JSONObject) throws(JSONError) -> [String] {
        guard try status.bool("enabled") ?? false, let serial = try status.string("cert_serial"), !serial.isEmpty else {
            return [name, "no", "-", "-", "-", "-"]
        }
        return [
            name,
            try status.bool("cert_valid") ?? false ? "yes" : "no",
            words(seconds: try status.integer("remaining_secs") ?? 0),
            try status.bool("needs_renewal") ?? false ? "due" : "no",
            serial,
            try status.string("spiffe_id") ?? "",
        ]
    }

    /// The two largest units: `3d 4h`, `59m 8s`, `12s`.
    private static func words(seconds: Int64) -> String {
        let units = [("d", Int64(86_400)), ("h", 3_600), ("m", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.1 }) else { return "0s" }
        var rest = seconds
        return units[first...].prefix(2).map { unit in
            defer { rest %= unit.1 }
            return "\(rest / unit.1)\(unit.0)"
        }.joined(separator: " ")
    }

    private static func aligned(_ rows: [[String]]) -> String {
        let widths = (0..<6).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}
