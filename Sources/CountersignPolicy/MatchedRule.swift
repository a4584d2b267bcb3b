/// The rule that let a request pass.
public enum MatchedRule: Hashable, Sendable, CustomStringConvertible {
    /// The domain takes requests without client certificates.
    case plainDomain
    /// None: the request came without TLS, and the operator lets such requests through for a while.
    case plaintext
    /// The domain takes every verified caller.
    case verifiedCaller
    /// A source of the route's policy, in the form in which the route states it.
    case source(PolicySource, RoutePolicyForm)
    /// None: the request was to be denied, and the domain only reports denials.
    case audited(Denial)
    /// A rule of a forward proxy about where workloads may call.
    case outgoing(OutgoingRules.Way)

    /// The value of `mtls_policy` in the access log, such as `route:cf:app:{guid}` or `route:mtls_allowed_apps`.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value of `mtls_policy` without making a string, but for an audited denial.
    public func append(to output: inout [UInt8]) {
        switch self {
        case .plainDomain:
            output.append(contentsOf: "domain:plain".utf8)
        case .plaintext:
            output.append(contentsOf: "plaintext".utf8)
        case .verifiedCaller:
            output.append(contentsOf: "domain:verified_caller".utf8)
        case .source(let source, .routePolicies):
            output.append(contentsOf: "route:".utf8)
            source.append(to: &output)
        case .source(let source, .flatOptions), .source(let source, .unstated):
            output.append(contentsOf: "route:".utf8)
            switch source {
            case .app: output.append(contentsOf: "mtls_allowed_apps".utf8)
            case .space: output.append(contentsOf: "mtls_allowed_spaces".utf8)
            case .organization: output.append(contentsOf: "mtls_allowed_orgs".utf8)
            case .any: output.append(contentsOf: "mtls_allow_any".utf8)
            case .spiffe: source.append(to: &output)
            }
        case .audited(let denial):
            output.append(contentsOf: denial.policy.utf8)
        case .outgoing(.domain):
            output.append(contentsOf: "egress:domain".utf8)
        case .outgoing(.other):
            output.append(contentsOf: "egress:other".utf8)
        }
    }
}
