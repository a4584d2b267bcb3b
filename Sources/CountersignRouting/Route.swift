public import CountersignPolicy

/// A route; it never changes, another one takes its place.
public final class Route: Sendable {
    /// Which requests the route takes.
    public let pattern: RoutePattern
    /// Where they are sent; may be empty.
    public let endpoints: [Endpoint]
    /// The options that the policy was made from.
    public let options: RouteOptions
    /// Who may call.
    public let policy: RoutePolicy
    /// Which kinds of traffic the route takes.
    public let traffic: RouteTraffic
    /// Where the route was written, or the name of another source.
    public let place: String
    /// How requests are spread over the endpoints; `nil` where the route does not say it.
    public let balancing: RouteBalancing?

    /// Makes a route from its definition.
    public convenience init(_ definition: RouteDefinition) {
        self.init(
            pattern: definition.pattern,
            endpoints: definition.endpoints,
            options: definition.options,
            policy: definition.policy,
            handling: definition.handling ?? RouteHandling(definition.options),
            place: definition.place
        )
    }

    /// Makes a route from its parts.
    init(
        pattern: RoutePattern,
        endpoints: [Endpoint],
        options: RouteOptions,
        policy: RoutePolicy,
        handling: RouteHandling,
        place: String
    ) {
        self.pattern = pattern
        self.endpoints = endpoints
        self.options = options
        self.policy = policy
        self.place = place
        balancing = handling.balancing
        traffic = handling.traffic
    }
}
