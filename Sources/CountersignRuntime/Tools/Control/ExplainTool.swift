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
        /// A router's configuration file; without one the running control plane is asked.
        package var configuration: String?

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// Answers; the exit code is 0 when the request is let through, 1 when it is refused.
    ///
    /// - Parameters:
    ///   - question: what is asked.
    ///   - isJSON: whether the answer is one JSON object.
    ///   - connection: the control plane, for names and for the rules where no file has them.
    package static func run(_ question: Question, isJSON: Bool, _ connection: AdminConnection?) -> ToolResult {
        do throws(ToolError) {
            let explanation = try explain(question, connection)
            let text = isJSON ? explanation.document.text + "\n" : explanation.text
            return ToolResult(output: text, exitCode: explanation.isPermitted ? 0 : 1)
        } catch {
            return ToolResult(error)
        }
    }

    private static func explain(
        _ question: Question,
        _ connection: AdminConnection?
    ) throws(ToolError) -> Explanation {
        guard let host = HostName(hostHeader: Array(question.to.utf8).span) else {
            throw ToolError("--to: \(PrintableText.escaped(question.to)) is not a host")
        }
        guard question.path.hasPrefix("/") else { throw ToolError("a path begins with /") }
        var directory = NameDirectory()
        let rules: ExplainedRules
        if let file = question.configuration {
            rules = try ExplainedRules(configuration: file)
        } else if let connection {
            var lookup = try RouteLookup(connection)
            try lookup.loadRoutes(onHost: host.description)
            try lookup.loadPolicies(of: lookup.inventory.routes.map(\.guid))
            if !ToolFile.exists(question.from) { try lookup.loadNames(ofApp: question.from) }
            directory = lookup.inventory.directory
            rules = ExplainedRules(lookup.inventory)
        } else {
            throw ToolError("give --config, or the URL of a control plane")
        }
        let caller = try ExplainedCaller(
            question.from,
            space: question.space,
            organization: question.organization,
            directory
        )
        return decide(question, Caller.verified(caller.identity), host, rules)
    }

    private static func decide(
        _ question: Question,
        _ caller: Caller,
        _ host: HostName,
        _ rules: ExplainedRules
    ) -> Explanation {
        let domain = rules.domain(of: host)
        let policy = domain?.policy ?? .plain
        var explanation = Explanation(request: "\(question.method) \(host)\(question.path)", caller: caller)
        explanation.domain = domain?.name
        guard let route = rules.route(host, path: question.path) else {
            explanation.reason = "no route takes the request (404)"
            return explanation
        }
        explanation.route = route.pattern.description
        explanation.place = route.place
        let near = route.endpoints.filter { route.policy.admits($0.scope, for: caller) }
        if route.policy.asksForNearness {
            explanation.scope = "\(near.count) of \(route.endpoints.count) endpoints are near enough"
        }
        // As a router does: of the endpoints, the one that is nearest speaks for all.
        let decision = Authorizer.decide(
            // Where no certificate is asked for, whoever calls is anonymous.
            caller: policy == .plain ? .anonymous : caller,
            domain: policy,
            route: route.policy,
            endpointScope: (near.first ?? route.endpoints.first)?.scope
        )
        explanation.take(decision)
        return explanation
    }
}
