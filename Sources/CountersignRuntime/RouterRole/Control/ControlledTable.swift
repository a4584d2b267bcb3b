import CountersignControlModel
import CountersignIdentity
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import Logging
import Synchronization

/// The control plane's routes in a router's one table, with the addresses that are known of their endpoints.
///
/// Who may call counts at once; addresses of names follow when they are known, and no change waits for them.
final class ControlledTable: Sendable {
    private let router: Router
    private let names: NameResolver
    private let logger: Logger
    /// Held while the router's table is changed, so that changes of routes and of addresses do not overtake one another.
    private let state = Mutex(NamedRoutes())
    /// What was told of options that are left out, by the route; each is told once.
    private let told = Mutex<[String: [String]]>([:])

    /// Makes the table; nothing is in it.
    init(router: Router, names: NameResolver, logger: Logger) {
        self.router = router
        self.names = names
        self.logger = logger
        names.observe(.control) { [weak self] in self?.follow($0) }
    }

    /// Makes the changes of a batch; blocks for no name.
    ///
    /// - Parameters:
    ///   - batch: what has changed.
    ///   - isKnown: whether it is the word of a control plane; until there is one, nobody may call what the bus registers.
    func apply(_ batch: RoutingPosition.Batch, isKnown: Bool = true) {
        let definitions = batch.routes.compactMap(definition)
        forgetTold(batch)
        let removed = batch.removed.compactMap { try? RoutePattern(parsing: $0) }
        state.withLock { state in
            if batch.isReset { state.forgetAll() }
            for pattern in removed { state.forget(pattern) }
            for definition in definitions { state.note(definition) }
            let (added, gone) = state.takeChanges()
            names.change(adding: added, removing: gone, for: .control)
            let resolved = definitions.map(resolved)
            router.changeRoutes { registry in
                registry.awaitDomains(!isKnown)
                if batch.isReset {
                    registry.removeDomains()
                    registry.removeControlled(except: Set(resolved.map(\.pattern)))
                }
                for name in batch.removedDomains { registry.setDomain(name, enforces: nil) }
                for domain in batch.domains { registry.setDomain(domain.name, enforces: domain.enforcesPolicies) }
                for pattern in removed { registry.removeControlled(pattern) }
                for definition in resolved { registry.setControlled(definition) }
            }
        }
    }

    /// Sends requests of the routes with a name where it leads now.
    private func follow(_ name: String) {
        state.withLock { state in
            let definitions = state.routes(with: name).map(resolved)
            guard !definitions.isEmpty else { return }
            router.changeRoutes { registry in
                for definition in definitions { registry.setControlled(definition) }
            }
        }
    }

    /// Forgets what was told of routes that are gone.
    private func forgetTold(_ batch: RoutingPosition.Batch) {
        let kept = batch.isReset ? Set(batch.routes.map(\.pattern)) : []
        told.withLock { told in
            if batch.isReset { told = told.filter { kept.contains($0.key) } }
            for pattern in batch.removed { told[pattern] = nil }
        }
    }

    private func definition(_ route: ControlledRoute) -> RouteDefinition? {
        var ignored: [PolicyError] = []
        let definition = route.definition(ignored: &ignored)
        if definition == nil {
            logger.error("a route of the control plane is no route", metadata: ["route": .string(route.pattern)])
        }
        let reasons = ignored.map(\.message)
        let isNew = told.withLock { told in
            guard told[route.pattern] ?? [] != reasons else { return false }
            told[route.pattern] = reasons.isEmpty ? nil : reasons
            return true
        }
        for reason in isNew ? reasons : [] {
            logger.warning(
                "an option of a route of the control plane is left out",
                metadata: ["route": .string(route.pattern), "reason": .string(reason)]
            )
        }
        return definition
    }

    /// The route with an endpoint for each address that is known.
    private func resolved(_ definition: RouteDefinition) -> RouteDefinition {
        var definition = definition
        definition.endpoints = definition.endpoints.flatMap { endpoint -> [Endpoint] in
            guard endpoint.resolved == nil else { return [endpoint] }
            let addresses = names.addresses(of: endpoint.host)
            return addresses.isEmpty ? [endpoint] : addresses.map { endpoint.resolved(to: $0) }
        }
        return definition
    }
}
