/// Routes that are given as a whole, such as those of a configuration file: no two have the same pattern.
public struct FixedRoutes: Sendable {
    /// The routes, in the order in which they were given.
    public let routes: [Route]

    /// No routes.
    public static let none = FixedRoutes()

    /// Takes routes.
    ///
    /// - Parameter definitions: the routes, in any order.
    /// - Throws: ``RoutingError/Code/duplicateRoute``, naming both places, when two patterns are equal, or
    ///   `tooManyRoutes`.
    public init(_ definitions: [RouteDefinition]) throws(RoutingError) {
        guard definitions.count <= RouteTable.maximumCount else {
            throw RoutingError(
                .tooManyRoutes,
                "there are \(definitions.count) routes; a table holds \(RouteTable.maximumCount)"
            )
        }
        var places: [RoutePattern: String] = [:]
        for definition in definitions {
            if let other = places.updateValue(definition.place, forKey: definition.pattern) {
                throw RoutingError(
                    .duplicateRoute,
                    "route \(definition.pattern) (\(definition.place)) is there already (\(other)); keep one of them"
                )
            }
        }
        routes = definitions.map(Route.init)
    }

    private init() {
        routes = []
    }
}
