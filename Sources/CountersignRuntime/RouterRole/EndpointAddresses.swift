import CountersignConfiguration
import CountersignIdentity
import CountersignRouter
package import CountersignRouting
package import CountersignTransport

/// The routes of a file with the addresses behind their endpoints, as their names resolve now.
///
/// A name with several addresses stands for as many endpoints, so that requests are spread over them and one that is
/// down is passed over.
package struct EndpointAddresses {
    /// The routes, with an endpoint for each address, and one without for a name that has none.
    package let routes: [RouteDefinition]

    /// What each endpoint's name resolves to.
    private let addresses: [Endpoint: [IPAddress]]

    /// Endpoints whose names do not resolve, by the index of the route.
    private let unresolved: [(route: Int, endpoint: Endpoint)]

    /// Resolves the names, each once; blocks meanwhile.
    package init(
        resolving definitions: [RouteDefinition],
        _ resolve: (Endpoint) -> [SocketAddress] = Self.systemAddresses
    ) {
        var known: [Endpoint: [IPAddress]] = [:]
        var routes = definitions
        var unresolved: [(Int, Endpoint)] = []
        for index in routes.indices {
            var endpoints: [Endpoint] = []
            for endpoint in routes[index].endpoints {
                let found = known[endpoint] ?? resolve(endpoint).compactMap { IPAddress(Array($0.host.utf8).span) }
                known[endpoint] = found
                endpoints += found.isEmpty ? [endpoint] : found.map { endpoint.resolved(to: $0) }
                if found.isEmpty { unresolved.append((index, endpoint)) }
            }
            routes[index].endpoints = endpoints
        }
        self.routes = routes
        self.addresses = known
        self.unresolved = unresolved
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
                    + "requests until a reload finds one"
            )
        }
    }

    /// The addresses of the endpoint's host by the system's resolver; none when it does not resolve.
    package static func systemAddresses(_ endpoint: Endpoint) -> [SocketAddress] {
        (try? SocketAddress.resolve(host: endpoint.host, port: endpoint.port)) ?? []
    }
}
