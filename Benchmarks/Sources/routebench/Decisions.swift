import CountersignIdentity
import CountersignPolicy

/// What a decision about one request costs, by the number of sources that the route names.
enum Decisions {
    /// Prints the time of a decision, of a caller that is named and of one that is not.
    static func measure(sources count: Int) {
        let names = (0..<count).map { "cf:app:app-\($0)" }.joined(separator: ",")
        guard
            let options = try? RouteOptions([
                .init("route_policy_scope", "any"), .init("route_policy_sources", .string(names)),
            ]),
            let policy = try? RoutePolicy(options),
            let named = caller("OU=app:app-\(count / 2)"), let other = caller("OU=app:app-\(count)")
        else { preconditionFailure("the policy cannot be made") }
        let domain = DomainPolicy.mutualTLS(.cfIdentity(.anyAuthenticated))
        for (who, caller, passes) in [("permitted", named, true), ("denied", other, false)] {
            let rounds = 1_000_000
            var permits = 0
            let time = Stopwatch.perStep(rounds) {
                for _ in 0..<rounds {
                    let decision = Authorizer.decide(caller: caller, domain: domain, route: policy, endpointScope: nil)
                    if decision.permit != nil { permits += 1 }
                }
            }
            precondition(permits == (passes ? rounds : 0))
            Routebench.tell("decision, \(who), \(count) sources", time, "ns")
        }
    }

    private static func caller(_ subject: String) -> Caller? {
        guard let name = try? DistinguishedName(parsing: subject) else { return nil }
        return .verified(CallerIdentity(subject: name, uriNames: [], trustDomains: .unrestricted))
    }
}
