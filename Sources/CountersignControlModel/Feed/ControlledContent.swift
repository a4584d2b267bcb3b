/// All routes and domains that a control plane has told.
package struct ControlledContent: Sendable, Hashable {
    /// Routes by pattern.
    package private(set) var routes: [String: ControlledRoute] = [:]
    /// Domains by name.
    package private(set) var domains: [String: ControlledDomain] = [:]

    /// Nothing was told.
    package init() {}

    /// Everything as one batch.
    package var whole: RoutingPosition.Batch {
        RoutingPosition.Batch(isReset: true, routes: Array(routes.values), domains: Array(domains.values))
    }

    /// Makes the changes of a batch.
    package mutating func apply(_ batch: RoutingPosition.Batch) {
        if batch.isReset { self = ControlledContent() }
        for name in batch.removedDomains { domains[name] = nil }
        for domain in batch.domains { domains[domain.name] = domain }
        for pattern in batch.removed { routes[pattern] = nil }
        for route in batch.routes { routes[route.pattern] = route }
    }
}
