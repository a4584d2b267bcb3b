import CountersignIdentity
import CountersignPolicy

/// Decisions about callers of a route that names many.
enum Decisions {
    static func decision(sources count: Int, isNamed: Bool) -> () -> Void {
        let names = (0..<count).map { "cf:app:app-\($0)" }.joined(separator: ",")
        guard
            let options = try? RouteOptions([
                .init("route_policy_scope", "any"), .init("route_policy_sources", .string(names)),
            ]),
            let policy = try? RoutePolicy(options),
            let name = try? DistinguishedName(parsing: "OU=app:app-\(isNamed ? count / 2 : count)")
        else { preconditionFailure("the policy cannot be made") }
        let caller = Caller.verified(CallerIdentity(subject: name, uriNames: [], trustDomains: .unrestricted))
        let domain = DomainPolicy.mutualTLS(.cfIdentity(.anyAuthenticated))
        return {
            let decision = Authorizer.decide(caller: caller, domain: domain, route: policy, endpointScope: nil)
            Hotpath.expect((decision.permit != nil) == isNamed, "the caller passes if it is named")
        }
    }
}
