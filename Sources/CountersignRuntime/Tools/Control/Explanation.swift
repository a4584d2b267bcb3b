import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignPolicy
import CountersignRouting

/// Which rule decides about a request, and why.
struct Explanation: Sendable {
    let request: String
    private let caller: String
    /// The domain that the host is on, as it is configured.
    var domain: String?
    /// How many endpoints are near enough, where that matters.
    var scope: String?
    /// By what a route of the bus is bound, or why a registration takes no requests.
    var binding: String?
    /// One sentence.
    var reason: String?
    /// What the answer cannot know.
    var limits: String?
    /// Whether the request is let through.
    private(set) var isPermitted = false
    private var verdict = "deny"
    private var rule: String?
    private var route: String?
    private var origin: String?
    private var place: String?
    private var nearness: String?
    private var endpoints: String?

    init(request: String, caller identity: CallerIdentity?) {
        self.request = request
        let parts: [(String, String?)] = [
            ("app", identity?.cloudFoundry?.app.description),
            ("space", identity?.cloudFoundry?.space?.description),
            ("organization", identity?.cloudFoundry?.organization?.description),
            ("spiffe", identity?.spiffeID?.description),
        ]
        let known = parts.compactMap { name, value in value.map { "\(name)=\($0)" } }
        self.caller = known.isEmpty ? "a certificate without an identity" : known.joined(separator: " ")
    }

    /// Takes the route that the request is for.
    mutating func take(_ route: Route) {
        self.route = route.pattern.description
        place = route.place
        origin =
            switch route.place {
            case "nats": "bus"
            case "control plane": "control plane"
            default: "file"
            }
        if route.policy.form == .routePolicies { nearness = route.policy.scope?.rawValue }
        if route.endpoints.isEmpty { endpoints = "none: what is let through is answered with 503" }
    }

    /// Takes why there is no connection.
    mutating func take(_ rejection: ChainRejection) {
        rule = "domain:client_certificate"
        reason = "the handshake is refused (\(rejection.metricLabel)): \(rejection.explanation)"
    }

    /// Takes what the rules decided.
    mutating func take(_ decision: Decision) {
        switch decision {
        case .permit(let permit):
            isPermitted = true
            rule = permit.rule.description
            verdict = "allow"
            if let denial = permit.auditedDenial {
                verdict = "allow (audit: would be denied)"
                reason = denial.explanation
            } else if permit.ignoresRouteOptions {
                reason = "the route's mtls_allowed options are not enforced on this domain"
            } else {
                reason = Self.reason(of: permit.rule)
            }
        case .deny(let denial):
            rule = denial.policy
            reason = "\(denial.explanation) (\(denial.reason))"
        }
    }

    /// Takes that others may have a route, who were not asked.
    mutating func leaveOpen() {
        guard route == nil, rule == nil else { return }
        verdict = "unknown"
        reason = "no route that is known here takes the request; the bus may have one"
    }

    /// The explanation for programs.
    var document: JSONValue {
        .object([.init("allowed", .bool(isPermitted))] + lines.map { .init($0.0, .string($0.1)) })
    }

    /// An explanation in its form for programs as one for people.
    static func text(of document: JSONValue) -> String {
        guard case .object(let members) = document else { return "" }
        var output = ""
        for member in members {
            guard case .string(let value) = member.value else { continue }
            let padding = String(repeating: " ", count: max(1, 20 - member.name.count))
            output += "\(PrintableText.escaped(member.name))\(padding)\(PrintableText.escaped(value))\n"
        }
        return output
    }

    private var lines: [(String, String)] {
        let all: [(String, String?)] = [
            ("decision", verdict), ("rule", rule), ("reason", reason), ("request", request), ("caller", caller),
            ("domain", domain ?? "none: no certificate is asked for"), ("route", route), ("origin", origin),
            ("place", place), ("binding", binding), ("route_policy_scope", nearness), ("scope", scope),
            ("endpoints", endpoints), ("limits", limits),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    private static func reason(of rule: MatchedRule) -> String {
        switch rule {
        case .plainDomain: "the host is on no domain that demands a certificate"
        case .plaintext: "the request came without TLS, which the route or its domain lets through"
        case .verifiedCaller: "the domain lets every verified caller in"
        case .source(let source, _): "the route names \(source)"
        case .audited(let denial): denial.explanation
        case .outgoing: "the rules of the forward proxy let it"
        }
    }
}
