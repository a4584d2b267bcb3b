import CountersignIdentity
import CountersignPolicy
import CountersignRouter
import CountersignRouting

/// A request about which is asked, and what decides it, wherever the rules come from.
struct ExplainedRequest: Sendable {
    /// A domain that a host is on.
    struct Domain: Sendable {
        let name: String
        let policy: DomainPolicy
        /// What certificates are verified by; nil where that is not known.
        let verifier: DomainVerifier?
    }

    let caller: ExplainedCaller
    let host: HostName
    let method: String
    let path: String

    /// The path by which the route is found: a tunnel has none (RFC 9110 section 9.3.6).
    var routedPath: String { method == "CONNECT" ? "/" : path }

    /// Who calls, as the host's domain sees it.
    func standing(on domain: Domain?) -> ExplainedCaller.Standing {
        caller.standing(by: domain?.verifier, isAsked: domain.map { $0.policy != .plain } ?? false)
    }

    /// Says what becomes of the request.
    ///
    /// - Parameters:
    ///   - standing: who calls.
    ///   - domain: the domain of the host.
    ///   - route: the route that takes the request, if there is one.
    func explained(_ standing: ExplainedCaller.Standing, on domain: Domain?, by route: Route?) -> Explanation {
        var explanation = Explanation(request: "\(method) \(host)\(path)", caller: caller.claimed)
        explanation.domain = domain?.name
        if let route { explanation.take(route) }
        switch standing {
        case .refused(let rejection): explanation.take(rejection)
        case .caller(let caller):
            if let route {
                decide(caller, domain?.policy ?? .plain, route, &explanation)
            } else {
                explanation.reason = "no route takes the request (404)"
            }
        }
        return explanation
    }

    private func decide(_ caller: Caller, _ policy: DomainPolicy, _ route: Route, _ explanation: inout Explanation) {
        let near = route.endpoints.filter { route.policy.admits($0.scope, for: caller) }
        if route.policy.asksForNearness {
            explanation.scope = "\(near.count) of \(route.endpoints.count) endpoints are near enough"
        }
        guard method != "CONNECT" || policy != .plain else {
            explanation.reason = "CONNECT is for callers that a domain has verified (501)"
            return
        }
        // As a router does: of the endpoints, the one that is nearest speaks for all.
        explanation.take(
            Authorizer.decide(
                caller: caller,
                domain: policy,
                route: route.policy,
                endpointScope: (near.first ?? route.endpoints.first)?.scope
            )
        )
    }
}
