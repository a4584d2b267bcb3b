import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignPolicy
import CountersignRouting
import Glibc

/// The clock of tools.
enum ToolClock {
    /// The time in Unix seconds.
    static var now: Int64 { Int64(time(nil)) }
}

/// `countersign explain`: which rule decides about a request, found with the router's own table and rules.
package struct ExplainTool: Sendable {
    /// What is asked.
    package struct Question: Sendable {
        /// A certificate file, a SPIFFE ID, the GUID of an app, or its name as `app:ORG/SPACE/APP`.
        package var from: String
        /// GUIDs of the app's space and organization, where nobody else knows them.
        package var space: String?
        package var organization: String?
        /// The host.
        package var to: String
        /// The method; no rule depends on it.
        package var method = "GET"
        /// The path.
        package var path = "/"
        /// A router's configuration file.
        package var configuration: String?
        /// The admin listener of a running router; without it and a file, the running control plane is asked.
        package var router: String?

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// Answers; the exit code is 0 when the request is let through, 1 when it is refused or that cannot be told.
    ///
    /// - Parameters:
    ///   - question: what is asked.
    ///   - isJSON: whether the answer is one JSON object.
    ///   - connection: the control plane, for names and for the rules where nothing else has them.
    package static func run(_ question: Question, isJSON: Bool, _ connection: AdminConnection?) -> ToolResult {
        do throws(ToolError) {
            let document = try explain(question, connection)
            let answer = try? JSONObject(document, known: nil)
            return ToolResult(
                output: isJSON ? document.text + "\n" : Explanation.text(of: document),
                exitCode: (try? answer?.bool("allowed")) == true ? 0 : 1
            )
        } catch {
            return ToolResult(error)
        }
    }

    private static func explain(_ question: Question, _ connection: AdminConnection?) throws(ToolError) -> JSONValue {
        guard let host = HostName(hostHeader: Array(question.to.utf8).span) else {
            throw ToolError("--to: \(PrintableText.escaped(question.to)) is not a host")
        }
        guard question.path.hasPrefix("/") else { throw ToolError("a path begins with /") }
        if let router = question.router {
            let request = try request(question, host, try namedCaller(question, connection))
            return try RunningRouter(router).explain(request)
        }
        let (rules, directory) = try rules(question, host, connection)
        return rules.explained(try request(question, host, directory)).document
    }

    /// What a file or the control plane says, with the names that are known.
    private static func rules(
        _ question: Question,
        _ host: HostName,
        _ connection: AdminConnection?
    ) throws(ToolError) -> (ExplainedRules, NameDirectory) {
        if let file = question.configuration {
            return (try ExplainedRules(configuration: file), try namedCaller(question, connection))
        }
        guard let connection else { throw ToolError("give --router, --config, or the URL of a control plane") }
        var lookup = try RouteLookup(connection)
        try lookup.loadRoutes(onHost: host.description)
        try lookup.loadPolicies(of: lookup.inventory.routes.map(\.guid))
        if !ToolFile.exists(question.from) { try lookup.loadNames(ofApp: question.from) }
        return (ExplainedRules(lookup.inventory), lookup.inventory.directory)
    }

    /// What names the control plane has for the caller, when it is given by name.
    private static func namedCaller(
        _ question: Question,
        _ connection: AdminConnection?
    ) throws(ToolError) -> NameDirectory {
        guard let connection, NameDirectory.parse(question.from) != nil, !ToolFile.exists(question.from) else {
            return NameDirectory()
        }
        var lookup = try RouteLookup(connection)
        try lookup.loadNames(ofApp: question.from)
        return lookup.inventory.directory
    }

    private static func request(
        _ question: Question,
        _ host: HostName,
        _ directory: NameDirectory
    ) throws(ToolError) -> ExplainedRequest {
        ExplainedRequest(
            caller: try ExplainedCaller(
                question.from,
                space: question.space,
                organization: question.organization,
                directory
            ),
            host: host,
            method: question.method,
            path: question.path
        )
    }
}
