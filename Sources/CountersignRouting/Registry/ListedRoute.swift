public import CountersignPolicy

/// A route as the registry has it, for those who want to see what there is.
public struct ListedRoute: Sendable {
    /// One endpoint.
    public struct Member: Sendable {
        /// The endpoint.
        public let endpoint: Endpoint
        /// How many seconds it lives without being registered again; `nil` for one that does not end with time.
        public let lifetime: UInt32?
    }

    /// Which requests it takes.
    public let pattern: RoutePattern
    /// Where it sends them.
    public let endpoints: [Member]
    /// Its options.
    public let options: RouteOptions
}

extension RouteRegistry {
    /// The routes in force, in no order.
    public var listing: [ListedRoute] {
        entries.compactMap { entry in
            guard let entry, let route = entry.route(in: ownership) else { return nil }
            let members: [ListedRoute.Member] =
                if entry.shadowsMembers {
                    route.endpoints.map { ListedRoute.Member(endpoint: $0, lifetime: nil) }
                } else {
                    entry.members.map { member in
                        let lifetime = min(member.lifetime ?? staleThreshold, staleThreshold)
                        return ListedRoute.Member(
                            endpoint: member.endpoint,
                            lifetime: member.endpoint.usesTLS ? nil : lifetime
                        )
                    }
                }
            return ListedRoute(pattern: route.pattern, endpoints: members, options: route.options)
        }
    }
}
