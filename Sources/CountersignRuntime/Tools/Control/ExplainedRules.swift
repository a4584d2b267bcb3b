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
    /// A domain that a host is on.
    struct Domain {
        let name: String
        let policy: DomainPolicy
    }

    private let table: RouteTable
    private let domainOf: (HostName) -> Domain?

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
                Domain(name: snapshot.domains[index].name, policy: snapshot.domains[index].policy)
            }
        }
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
                Domain(
                    name: domain.name,
                    policy: .mutualTLS(domain.scope == nil ? .none : .cfIdentity(.anyAuthenticated))
                )
            }
        }
    }

    /// The domain that a host is on; nil when it is on none.
    func domain(of host: HostName) -> Domain? { domainOf(host) }

    /// The route that takes a request.
    func route(_ host: HostName, path: String) -> Route? {
        host.withBytes { table.route(at: table.index(host: $0, path: Array(path.utf8).span)) }
    }

    private static func add(_ route: ControlledRoute, to table: inout RouteTable) {
        var ignored: [PolicyError] = []
        if let definition = route.definition(ignored: &ignored) { table.set(Route(definition)) }
    }
}
