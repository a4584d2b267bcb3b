public import CountersignPolicy

/// A route before it is in a table.
public struct RouteDefinition: Sendable {
    /// Which requests the route takes.
    public var pattern: RoutePattern
    /// Where they are sent; may be empty, which makes the route known but unavailable.
    public var endpoints: [Endpoint]
    /// The options that the policy was made from.
    public var options: RouteOptions
    /// Who may call.
    public var policy: RoutePolicy
    /// What the options say beside that, where they were read before; `nil` when they are to be read.
    public var handling: RouteHandling?
    /// Where the route was written, for messages: a file with line and column, or the name of another source.
    public var place: String

    /// Makes a definition from its parts.
    public init(
        pattern: RoutePattern,
        endpoints: [Endpoint],
        options: RouteOptions,
        policy: RoutePolicy,
        handling: RouteHandling? = nil,
        place: String
    ) {
        self.pattern = pattern
        self.endpoints = endpoints
        self.options = options
        self.policy = policy
        self.handling = handling
        self.place = place
    }
}
