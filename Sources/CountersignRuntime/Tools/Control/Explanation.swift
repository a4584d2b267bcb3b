import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignPolicy

/// Which rule decides about a request, and why.
struct Explanation {
    let request: String
    private let caller: String
    /// The domain that the host is on, as it is configured.
    var domain: String?
    /// The pattern of the route that takes the request.
    var route: String?
    /// Where the route was written.
    var place: String?
    /// How many endpoints are near enough, where that matters.
    var scope: String?
    /// The rule in the words of the access log.
    var rule: String?
    /// One sentence.
    var reason: String?
    /// Whether the request is let through.
    private(set) var isPermitted = false
    private var verdict = "deny"

    init(request: String, caller: Caller) {
        self.request = request
        let identity = caller.identity
        let parts: [(String, String?)] = [
            ("app", identity?.cloudFoundry?.app.description),
            ("space", identity?.cloudFoundry?.space?.description),
            ("organization", identity?.cloudFoundry?.organization?.description),
            ("spiffe", identity?.spiffeID?.description),
        ]
        let known = parts.compactMap { name, value in value.map { "\(name)=\($0)" } }
        self.caller = known.isEmpty ? "a certificate without an identity" : known.joined(separator: " ")
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

    /// The explanation for people.
    var text: String {
        var output = ""
        for (name, value) in lines {
            let padding = String(repeating: " ", count: max(1, 10 - name.count))
            output += "\(name)\(padding)\(PrintableText.escaped(value))\n"
        }
        return output
    }

    /// The explanation for programs.
    var document: JSONValue {
        .object([.init("allowed", .bool(isPermitted))] + lines.map { .init($0.0, .string($0.1)) })
    }

    private var lines: [(String, String)] {
        let all: [(String, String?)] = [
            ("decision", verdict), ("rule", rule), ("reason", reason), ("request", request), ("caller", caller),
            ("domain", domain ?? "none: no certificate is asked for"), ("route", route), ("place", place),
            ("scope", scope),
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
        }
    }
}
