/// The routes that one event loop searches, changed route by route.
///
/// What a search or a change costs depends on the host's labels and the path's first segments, not on how many routes
/// there are. Nothing is allocated while searching, except for a path that readers could disagree on.
public struct RouteTable: Sendable {
    /// The most routes that a table holds.
    public static let maximumCount = Int(Int32.max) / 2

    private var slots: [Route?] = []
    private var freeSlots: [Int32] = []
    private var index: RouteIndex
    /// How many routes there are.
    public private(set) var count = 0

    /// Makes a table without routes.
    ///
    /// - Parameter seed: a random number that is secret and lasts as long as the process.
    public init(seed: UInt64) {
        index = RouteIndex(seed: seed)
    }

    /// Makes a table of routes.
    ///
    /// - Parameters:
    ///   - definitions: the routes, in any order.
    ///   - seed: a random number that is secret and lasts as long as the process.
    /// - Throws: ``RoutingError/Code/duplicateRoute``, naming both places, when two patterns are equal, or
    ///   `tooManyRoutes`.
    public init(routes definitions: [RouteDefinition], seed: UInt64) throws(RoutingError) {
        self.init(seed: seed)
        for route in try FixedRoutes(definitions).routes { set(route) }
    }

    /// Takes a route up, in the place of the one with the same pattern if there is one.
    ///
    /// - Returns: its position; the same as before where it takes a place, and free for others after ``remove(_:)``.
    ///   `nil` when the table is full.
    @discardableResult
    public mutating func set(_ route: Route) -> Int? {
        let known = index.number(of: route.pattern)
        if known >= 0 {
            slots[known] = route
            return known
        }
        guard count < Self.maximumCount else { return nil }
        let slot = takeSlot(route)
        index.insert(route.pattern, number: Int32(slot))
        count += 1
        return slot
    }

    /// Forgets the route with this pattern.
    ///
    /// - Returns: the position that it had; `nil` when there is none.
    @discardableResult
    public mutating func remove(_ pattern: RoutePattern) -> Int? {
        let slot = index.remove(pattern)
        guard slot >= 0 else { return nil }
        slots[slot] = nil
        freeSlots.append(Int32(slot))
        count -= 1
        return slot
    }

    /// The route at a position, or `nil` where there is none.
    public func route(at position: Int) -> Route? {
        position >= 0 && position < slots.count ? slots[position] : nil
    }

    /// The route that takes a request, or `nil`; see ``index(host:path:)``.
    public func lookup(host: Span<UInt8>, path: Span<UInt8>) -> Route? {
        let number = index(host: host, path: path)
        return number >= 0 ? slots[number] : nil
    }

    /// The position of the route that takes a request, or -1.
    ///
    /// Routes of the host itself come first, then those of `*.` and ever fewer labels of its end; within one host the
    /// longest path. When no path of a host matches, the next wildcard is tried.
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

    /// The route that would take the requests of a pattern which is not in the table; `nil` when none does.
    ///
    /// A wildcard is covered by its own host and by wildcards above it.
    func covering(_ pattern: RoutePattern) -> Route? {
        guard count > 0 else { return nil }
        var sawPaths = false
        let text = pattern.description.utf8.span
        let path = pattern.pathRange
        let number = index.search(text.extracting(..<path.lowerBound), text.extracting(path), &sawPaths)
        return number >= 0 ? slots[number] : nil
    }

    /// Whether there is a route of the pattern's host, with whatever path.
    func hasHost(of pattern: RoutePattern) -> Bool { count > 0 && index.hasHost(of: pattern) }

    private mutating func takeSlot(_ route: Route) -> Int {
        if let free = freeSlots.popLast() {
            slots[Int(free)] = route
            return Int(free)
        }
        slots.append(route)
        return slots.count - 1
    }
}
