import CountersignPolicy

/// The routes and domains that the file and the control plane have, by which what the bus registers is bound.
///
/// Without it, a registration of a longer path or of another host would open what they protect.
struct RouteOwnership: Sendable {
    /// What holds for a pattern that only the bus has.
    enum Binding: Sendable, Equatable {
        /// It says itself who may call.
        case free
        /// The route of the control plane that would take its requests says it; without one, nobody may call.
        case bound(by: RoutePattern?)
        /// It takes no requests.
        case refused
    }

    /// Whether no word of the control plane is known, so that any host may be on a domain that enforces policies.
    var isAwaited = false

    /// Domains by name, with whether they enforce policies.
    private(set) var domains: [String: Bool] = [:]

    private var fixed: RouteTable
    /// The file's patterns, with whether their routes say who may call.
    private var statements: [RoutePattern: Bool] = [:]
    private var controlled: RouteTable
    private let seed: UInt64

    /// Nobody owns anything; `seed` is secret.
    init(seed: UInt64) {
        self.seed = seed
        fixed = RouteTable(seed: seed)
        controlled = RouteTable(seed: seed)
    }

    /// Takes over the routes of the file.
    ///
    /// - Returns: patterns by which something else holds now for what the bus registers.
    mutating func setFixed(_ routes: [Route]) -> [RoutePattern] {
        fixed = RouteTable(seed: seed)
        for route in routes { fixed.set(route) }
        let former = statements
        statements = Dictionary(routes.map { ($0.pattern, $0.policy.form != .unstated) }) { $1 }
        return former.keys.filter { statements[$0] == nil } + statements.keys.filter { former[$0] != statements[$0] }
    }

    /// Takes over a route of the control plane.
    mutating func setControlled(_ route: Route) { controlled.set(route) }

    /// Forgets a route of the control plane.
    mutating func removeControlled(_ pattern: RoutePattern) { controlled.remove(pattern) }

    /// Takes over a domain, or forgets it.
    ///
    /// - Parameters:
    ///   - name: the domain.
    ///   - enforces: whether it enforces policies; nil when there is no such domain any more.
    mutating func setDomain(_ name: String, enforces: Bool?) { domains[name] = enforces }

    /// Forgets every domain.
    mutating func removeDomains() { domains = [:] }

    /// What holds for a pattern that only the bus has.
    func binding(of pattern: RoutePattern) -> Binding {
        if fixed.hasHost(of: pattern) { return .refused }
        if let route = fixed.covering(pattern), route.policy.form != .unstated { return .refused }
        if let route = controlled.covering(pattern) { return .bound(by: route.pattern) }
        return isAwaited || isEnforced(pattern) ? .bound(by: nil) : .free
    }

    /// Who may call a route of the bus that is bound.
    func policy(of pattern: RoutePattern) -> RoutePolicy {
        controlled.covering(pattern)?.policy ?? Self.nobody
    }

    /// Whether a host of the pattern may be on a domain that enforces policies.
    ///
    /// A host is on the nearest domain that it is equal to or below.
    private func isEnforced(_ pattern: RoutePattern) -> Bool {
        guard !domains.isEmpty else { return false }
        let host = pattern.host
        let below = "." + host
        if pattern.isWildcard, domains.contains(where: { $0.value && $0.key.hasSuffix(below) }) { return true }
        var rest = Substring(host)
        while true {
            if let enforces = domains[String(rest)] { return enforces }
            guard let dot = rest.firstIndex(of: ".") else { return false }
            rest = rest[rest.index(after: dot)...]
        }
    }

    private static let nobody = RoutePolicy(form: .routePolicies, scope: .any, sources: [])
}
