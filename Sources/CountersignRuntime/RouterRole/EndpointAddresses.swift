import CountersignConfiguration
package import CountersignRouting
package import CountersignTransport

/// The addresses behind the endpoints of routes, as their names resolve now.
///
/// A name with several addresses stands for as many endpoints, so that requests are spread over them and one that is
/// down is passed over.
package struct EndpointAddresses {
    /// The routes, with an endpoint for each address, and one for a name without any.
    package let routes: [RouteDefinition]

    /// The address of each endpoint of ``routes``; `nil` where it cannot be connected to.
    package let addresses: [[SocketAddress?]]

    /// Endpoints whose names do not resolve, by the index of the route.
    private let unresolved: [(route: Int, endpoint: Endpoint)]

    /// Resolves the names, each once; blocks meanwhile.
    package init(
        resolving definitions: [RouteDefinition],
        _ resolve: (Endpoint) -> [SocketAddress] = Self.systemAddresses
    ) {
        var known: [Endpoint: [SocketAddress]] = [:]
        var routes = definitions
        var addresses: [[SocketAddress?]] = []
        var unresolved: [(Int, Endpoint)] = []
        for index in routes.indices {
            var endpoints: [Endpoint] = []
            var found: [SocketAddress?] = []
            for endpoint in routes[index].endpoints {
                let resolved = known[endpoint] ?? resolve(endpoint)
                known[endpoint] = resolved
                endpoints += resolved.isEmpty ? [endpoint] : resolved.map { _ in endpoint }
                found += resolved.isEmpty ? [nil] : resolved.map(Optional.some)
                if resolved.isEmpty { unresolved.append((index, endpoint)) }
            }
            routes[index].endpoints = endpoints
            addresses.append(found)
        }
        self.routes = routes
        self.addresses = addresses
        self.unresolved = unresolved
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
