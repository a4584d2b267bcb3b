/// All routes, built once and then only searched: a change makes a new table.
///
/// What a search costs depends on the host's labels and the path's first segments, not on how many routes there are.
/// Nothing is allocated while searching, except for a path that readers could disagree on.
public struct RouteTable: Sendable {
    /// The routes; each one's `index` is its position here.
    public let routes: [Route]
    private let index: RouteIndex

    /// A table without routes.
    public static let empty = RouteTable()

    /// Builds a table.
    ///
    /// - Parameters:
    ///   - definitions: the routes, in any order.
    ///   - seed: a random number that is secret and lasts as long as the process.
    /// - Throws: ``RoutingError/Code/duplicateRoute``, naming both places, when two patterns are equal, or
    ///   `tooManyRoutes`.
    public init(routes definitions: [RouteDefinition], seed: UInt64) throws(RoutingError) {
        guard definitions.count <= Self.maximumCount else {
            throw RoutingError(
                .tooManyRoutes,
                "there are \(definitions.count) routes; a table holds \(Self.maximumCount)"
            )
        }
        var index = RouteIndex(routeCount: Int32(definitions.count), seed: seed)
        var routes: [Route] = []
        routes.reserveCapacity(definitions.count)
        for definition in definitions {
            if let other = index.add(definition.pattern, number: Int32(routes.count)) {
                throw RoutingError(
                    .duplicateRoute,
                    """
                    route \(definition.pattern) (\(definition.place)) is there already \
                    (\(definitions[Int(other)].place)); keep one of them
                    """
                )
            }
            routes.append(Route(definition, index: routes.count))
        }
        index.seal()
        self.routes = routes
        self.index = index
    }

    private init() {
        routes = []
        index = RouteIndex(routeCount: 0, seed: 0)
    }

    /// The route that takes a request, or `nil`; see ``index(host:path:)``.
    public func lookup(host: Span<UInt8>, path: Span<UInt8>) -> Route? {
        let number = index(host: host, path: path)
        return number >= 0 ? routes[number] : nil
    }

    /// The position in ``routes`` of the route that takes a request, or -1.
    ///
    /// Routes of the host itself come first, then those of `*.` and ever fewer labels of its end; within one host the
    /// longest path. When no path of a host matches, the next wildcard is tried. No reference is counted, so event
    /// loops that share a table do not contend.
    ///
    /// Where routes have paths, a request is given to none of them if a reader of its path (dot segments,
    /// percent-coding, double slashes, backslashes, `;` parameters), whatever it does first, would give it to another.
    ///
    /// - Parameters:
    ///   - host: a host in the normal form of `HostName`: lower-case, without port and trailing dot.
    ///   - path: the path as it came; a query is cut. One that does not begin with `/` counts as empty.
    public func index(host: Span<UInt8>, path: Span<UInt8>) -> Int {
        var sawPaths = false
        let number = index.search(host, path, &sawPaths)
        guard sawPaths, !CanonicalPath.isPlain(path) else { return number }
        guard let readings = CanonicalPath.readings(path) else { return -1 }
        for reading in readings where index.search(host, reading.span, &sawPaths) != number {
            return -1
        }
        return number
    }

    private static let maximumCount = Int(Int32.max) / 2
}
