import CountersignControlModel
import CountersignIdentity
import CountersignJSON
import CountersignPolicy

extension ControlTool {
    /// Writes the least policies that the traffic of an access log needs, as a manifest.
    ///
    /// - Parameters:
    ///   - file: the JSON access log of a router.
    ///   - countsRefused: whether requests that were refused for want of a policy count, too.
    package func suggest(_ file: String, countsRefused: Bool) -> ToolResult {
        admin.run { () throws(ToolError) in
            var observed = ObservedTraffic(countsRefused: countsRefused)
            for line in try ToolFile.read(file).split(separator: UInt8(ascii: "\n")) { observed.add(Array(line)) }
            // Names help people who read the suggestion; without a control plane there are none.
            let directory = (try? NameDirectory(connection)) ?? NameDirectory()
            return observed.manifest(directory)
        }
    }
}

/// Who called which route, according to an access log.
struct ObservedTraffic {
    private let countsRefused: Bool
    private var callers: [String: [PolicySource: Int]] = [:]
    private var unusable: [String: Int] = [:]
    private var unread = 0

    init(countsRefused: Bool) {
        self.countsRefused = countsRefused
    }

    /// Takes a line of the log.
    mutating func add(_ line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line), let record = try? JSONObject(value, known: nil),
            let route = try? record.string("route")
        else {
            unread += 1
            return
        }
        let outcome = (try? record.string("mtls_auth")) ?? "none"
        switch outcome {
        case "allowed", "not_enforced", "would_deny": break
        case "denied" where countsRefused: break
        default: return
        }
        // What the domain, the scope or the certificate refuses is refused with any policy.
        let policy = (try? record.string("mtls_policy")) ?? ""
        let isLost =
            policy.hasPrefix("domain:") && policy != "domain:verified_caller" || policy == "identity_extraction"
        guard !isLost, let source = Self.source(record) else {
            unusable[route, default: 0] += 1
            return
        }
        callers[route, default: [:]][source, default: 0] += 1
    }

    /// The policies that let exactly these callers in.
    func manifest(_ directory: NameDirectory) -> String {
        var output =
            "# Who was seen to call. Check each line before you apply it: what is not seen here is refused then.\n"
        if unread > 0 { output += "# \(unread) lines are no records of requests that had a route.\n" }
        for (route, count) in unusable.sorted(by: { $0.key < $1.key }) {
            output += "# \(Self.quoted(route)): \(count) requests that no policy of the route can let in.\n"
        }
        output += callers.isEmpty ? "applications: []\n" : "applications:\n- name: observed\n  routes:\n"
        for (route, sources) in callers.sorted(by: { $0.key < $1.key }) {
            output += "  - route: \(Self.quoted(route))\n    policies:\n"
            for (source, count) in sources.sorted(by: { $0.key.description < $1.key.description }) {
                let name = directory.shown(source)
                let comment = name == source.description ? "" : ", \(Self.quoted(name))"
                output += "    - \(Self.quoted(source.description))  # \(count) requests\(comment)\n"
            }
        }
        return output
    }

    private static func source(_ record: JSONObject) -> PolicySource? {
        if let app = try? record.string("caller_cf_app"), let guid = try? CloudFoundryGUID(parsing: app) {
            return .app(guid)
        }
        guard let id = try? record.string("caller_spiffe_id") else { return nil }
        return try? PolicySource(parsing: id)
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).compact }
}
