public import CountersignPolicy

/// What the options of a route say beside who may call, read once.
public struct RouteHandling: Sendable {
    /// Which kinds of traffic the route takes.
    public let traffic: RouteTraffic
    /// How requests are spread over the endpoints; `nil` where the route does not say it.
    public let balancing: RouteBalancing?

    /// Reads options, leaving out what is not usable: whoever takes them up has told of it.
    public init(_ options: RouteOptions) {
        var ignored: [PolicyError] = []
        traffic = RouteTraffic(lenient: options, ignored: &ignored)
        var problems: [(option: String, message: String)] = []
        balancing = RouteBalancing(options, problems: &problems)
    }

    /// What was read for a route.
    init(of route: Route) {
        traffic = route.traffic
        balancing = route.balancing
    }

    /// What a route without options has.
    public static let unstated = RouteHandling(.empty)
}
