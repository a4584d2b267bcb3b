/// A change of one route, for those that hold a table.
public struct RouteChange: Sendable {
    /// Which requests it is about.
    public let pattern: RoutePattern
    /// The route from now on; `nil` when there is none any more.
    public let route: Route?
}

extension RouteTable {
    /// Makes a change.
    ///
    /// - Returns: the position of the route, before or after it; `nil` when there was nothing to change.
    @discardableResult
    public mutating func apply(_ change: RouteChange) -> Int? {
        guard let route = change.route else { return remove(change.pattern) }
        return set(route)
    }
}
