public import CountersignPolicy

/// A route of a ``RouteTable``; it never changes.
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
    /// The position in its table, 0 and up, for state that is kept per route in an array.
    public let index: Int
    /// Where the route was written.
    public let place: String

    init(_ definition: RouteDefinition, index: Int) {
        pattern = definition.pattern
        endpoints = definition.endpoints
        options = definition.options
        policy = definition.policy
        place = definition.place
        var ignored: [PolicyError] = []
        traffic = RouteTraffic(lenient: definition.options, ignored: &ignored)
        self.index = index
    }
}
