import CountersignIdentity
import CountersignPolicy

/// What a decision about one request costs, by the number of sources that the route names.
enum Decisions {
    /// Prints the time of a decision, of a caller that is named and of one that is not.
    static func measure(sources count: Int) {
        let names = (0..<count).map { "cf:app:app-\($0)" }.joined(separator: ",")
        guard let policy = policy(naming: names),
            let named = caller("OU=app:app-\(count / 2)"), let other = caller("OU=app:app-\(count)")
        else { preconditionFailure("the policy cannot be made") }
        for (who, caller, passes) in [("permitted", named, true), ("denied", other, false)] {
            let rounds = 1_000_000
            var permits = 0
            let time = Stopwatch.perStep(rounds, isWarm: true) {
                for _ in 0..<rounds {
                    let decision = Authorizer.decide(caller: caller, domain: domain, route: policy, endpointScope: nil)
                    if decision.permit != nil { permits += 1 }
                }
            }
            precondition(permits == (passes ? 2 * rounds : 0))
            Routebench.tell("decision, \(who), \(count) callers", time, "ns")
        }
    }

    /// Prints the time of a decision where each is by another policy, of so many that they leave the caches in between.
    static func measure(policies count: Int) {
        let each = 10
        let questions = (0..<count).map { number in
            let names = (0..<each).map { "cf:app:app-\(number)-\($0)" }.joined(separator: ",")
            guard let policy = policy(naming: names), let caller = caller("OU=app:app-\(number)-\(each / 2)") else {
                preconditionFailure("the policy cannot be made")
            }
            return Question(policy: policy, caller: caller)
        }
        let rounds = 1_000_000 / count
        var permits = 0
        let time = Stopwatch.perStep(rounds * count, isWarm: true) {
            for _ in 0..<rounds {
                for question in questions where question.isPermitted() { permits += 1 }
            }
        }
        precondition(permits == 2 * rounds * count)
        Routebench.tell("decision, \(count) policies", time, "ns")
    }

    /// Who asks, and whose policy answers; an object, as a connection and a route are, so that neither is copied.
    private final class Question {
        let policy: RoutePolicy
        let caller: Caller

        init(policy: RoutePolicy, caller: Caller) {
            self.policy = policy
            self.caller = caller
        }

        /// As the router asks: of what an object holds that nobody lets go meanwhile.
        @inline(never)
        func isPermitted() -> Bool {
            Authorizer.decide(caller: caller, domain: domain, route: policy, endpointScope: nil).permit != nil
        }
    }

    private static let domain = DomainPolicy.mutualTLS(.cfIdentity(.anyAuthenticated))

    private static func policy(naming sources: String) -> RoutePolicy? {
        let options = try? RouteOptions([
            .init("route_policy_scope", "any"), .init("route_policy_sources", .string(sources)),
        ])
        return options.flatMap { try? RoutePolicy($0) }
    }

    private static func caller(_ subject: String) -> Caller? {
        guard let name = try? DistinguishedName(parsing: subject) else { return nil }
        return .verified(CallerIdentity(subject: name, uriNames: [], trustDomains: .unrestricted))
    }
}
