import CountersignConfiguration
package import CountersignIdentity
import CountersignRouter
package import CountersignRouting
import CountersignTransport

/// The routes of a file with the addresses behind their endpoints, as their names resolve now.
///
/// A name with several addresses stands for as many endpoints, so that requests are spread over them and one that is
/// down is passed over.
package struct EndpointAddresses {
    /// The routes, with an endpoint for each address, and one without for a name that has none.
    package let routes: [RouteDefinition]

    /// What each name resolves to; nothing for one that does not.
    package let names: [String: [IPAddress]]

    /// What each endpoint's name resolves to.
    private let addresses: [Endpoint: [IPAddress]]

    /// Endpoints whose names do not resolve, by the index of the route.
    private let unresolved: [(route: Int, endpoint: Endpoint)]

    /// Resolves the names, each once; blocks meanwhile.
    package init(
        resolving definitions: [RouteDefinition],
        _ resolve: (String) -> [IPAddress] = Self.systemAddresses
    ) {
        var known: [Endpoint: [IPAddress]] = [:]
        var byName: [String: [IPAddress]] = [:]
        var routes = definitions
        var unresolved: [(Int, Endpoint)] = []
        for index in routes.indices {
            var endpoints: [Endpoint] = []
            for endpoint in routes[index].endpoints {
                let found =
                    known[endpoint] ?? endpoint.resolved.map { [$0] } ?? byName[endpoint.host] ?? resolve(endpoint.host)
                if endpoint.resolved == nil { byName[endpoint.host] = found }
                known[endpoint] = found
                endpoints += found.isEmpty ? [endpoint] : found.map { endpoint.resolved(to: $0) }
                if found.isEmpty { unresolved.append((index, endpoint)) }
            }
            routes[index].endpoints = endpoints
        }
        self.routes = routes
        self.addresses = known
        self.names = byName
        self.unresolved = unresolved
    }

    /// The names that routes' endpoints have.
    static func names(of definitions: [RouteDefinition]) -> Set<String> {
        Set(definitions.lazy.flatMap(\.endpoints).filter { $0.resolved == nil }.map(\.host))
    }

    /// The checks of endpoints at the addresses that requests go to.
    func resolved(_ checks: [HealthCheckPlan]) -> [HealthCheckPlan] {
        checks.map { check in
            var check = check
            check.endpoints = check.endpoints.flatMap { endpoint in
                (addresses[endpoint] ?? []).map { endpoint.resolved(to: $0) }
            }
            return check
        }
    }

    /// A warning about each endpoint whose name does not resolve, at its route.
    func problems(in router: RouterSection) -> [ConfigurationProblem] {
        unresolved.compactMap { index, endpoint in
            guard router.routes.indices.contains(index) else { return nil }
            return ConfigurationProblem(
                severity: .warning,
                place: router.routes[index].place,
                message: "the endpoint \(endpoint.host):\(endpoint.port) does not resolve to an address; it gets no "
                    + "requests until it does"
            )
        }
    }

    /// The addresses of a name by the system's resolver; none when it does not resolve.
    ///
    /// Blocks.
    package static func systemAddresses(_ name: String) -> [IPAddress] {
        let found = (try? SocketAddress.resolve(host: name, port: 1)) ?? []
        return found.compactMap { IPAddress(Array($0.host.utf8).span) }
    }
}
