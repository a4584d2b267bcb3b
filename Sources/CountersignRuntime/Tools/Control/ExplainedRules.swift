import CountersignConfiguration
import CountersignControlModel
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import CountersignTransport

/// What requests are decided by: the domains and the one table of routes, as a router has them.
struct ExplainedRules {
    private let table: RouteTable
    private let domainOf: (HostName) -> ExplainedRequest.Domain?
    /// What is not known here.
    private let limits: [String]
    /// Whether a bus may have routes, too.
    private let hasBus: Bool

    /// The rules of a router's configuration file, and of the copy of the control plane that it names.
    ///
    /// - Throws: ``ToolError`` with every problem of the file.
    init(configuration path: String) throws(ToolError) {
        let loaded: LoadedRouter
        do {
            loaded = try LoadedRouter.load(
                path: path,
                environment: ProcessEnvironment.value,
                revoked: RevokedCertificates(),
                now: ToolClock.now
            )
        } catch {
            throw ToolError("\(error)")
        }
        var table = RouteTable(seed: 0)
        if let section = loaded.router.control {
            let damage: String?
            do throws(SystemError) {
                var copy = ControlCopy(path: section.copy)
                for route in try copy.load().content.routes.values { Self.add(route, to: &table) }
                damage = copy.damage
            } catch {
                throw ToolError("\(error)")
            }
            if let damage { throw ToolError(damage) }
        }
        // A route of the file counts before one of the control plane.
        for route in loaded.snapshot.routes.routes { table.set(route) }
        self.table = table
        let snapshot = loaded.snapshot
        domainOf = { host in
            host.withBytes { snapshot.domainTable.match(host: $0) }.map { index in
                let domain = snapshot.domains[index]
                return ExplainedRequest.Domain(name: domain.name, policy: domain.policy, verifier: domain.verifier)
            }
        }
        hasBus = loaded.configuration.nats != nil
        limits = Self.limits(of: loaded)
    }

    private static func limits(of loaded: LoadedRouter) -> [String] {
        var limits: [String] = []
        if loaded.configuration.nats != nil {
            limits.append("routes of the bus are not known, nor what they are bound by")
        }
        if loaded.router.control != nil { limits.append("the control plane is what the router's copy says") }
        if loaded.settings.revocationFeed != nil {
            limits.append("revocations that the authority tells routers are not known")
        }
        return limits.isEmpty ? limits : limits + ["ask the running router with --router"]
    }

    /// The rules of a running control plane.
    ///
    /// Whether a domain demands a certificate is said by routers' configurations alone: that it does is assumed here, and
    /// that it leaves the rest to the routes.
    init(_ inventory: ControlInventory) {
        var table = RouteTable(seed: 0)
        for route in inventory.routes { Self.add(inventory.controlledRoute(route), to: &table) }
        self.table = table
        domainOf = { host in
            inventory.domain(of: host.description).map { domain in
                ExplainedRequest.Domain(
                    name: domain.name,
                    policy: .mutualTLS(domain.scope == nil ? .none : .cfIdentity(.anyAuthenticated)),
                    verifier: nil
                )
            }
        }
        hasBus = false
        limits = [
            "what routers have of their own is not known: domains that want certificates, whom they trust, routes of files "
                + "and of the bus",
            "the certificate is taken at its word", "ask a running router with --router",
        ]
    }

    /// Says what becomes of a request, and what is not known.
    func explained(_ request: ExplainedRequest) -> Explanation {
        let domain = domainOf(request.host)
        let route = request.host.withBytes { table.lookup(host: $0, path: Array(request.routedPath.utf8).span) }
        var explanation = request.explained(request.standing(on: domain), on: domain, by: route)
        if hasBus { explanation.leaveOpen() }
        if !limits.isEmpty { explanation.limits = limits.joined(separator: "; ") }
        return explanation
    }

    private static func add(_ route: ControlledRoute, to table: inout RouteTable) {
        var ignored: [PolicyError] = []
        if let definition = route.definition(ignored: &ignored) { table.set(Route(definition)) }
    }
}
