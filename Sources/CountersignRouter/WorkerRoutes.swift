import CountersignRouting

/// The routes that one worker gives its requests out by.
///
/// It cannot be copied, so that a look-up borrows the table: of one that can be, each use would count a reference to every
/// array that it is made of.
struct WorkerRoutes: ~Copyable {
    private var table: RouteTable

    /// Takes up the routes that there are from the start; `seed` is secret.
    init(_ routes: [Route], seed: UInt64) {
        table = RouteTable(seed: seed)
        for route in routes { table.set(route) }
    }

    /// The position of the route that takes a request, or -1; see ``RouteTable/index(host:path:)``.
    borrowing func index(host: Span<UInt8>, path: Span<UInt8>) -> Int {
        table.index(host: host, path: path)
    }

    /// The route at a position; nil where there is none.
    borrowing func route(at position: Int) -> Route? {
        table.route(at: position)
    }

    /// The route that takes a request; nil where none does.
    borrowing func lookup(host: Span<UInt8>, path: Span<UInt8>) -> Route? {
        table.lookup(host: host, path: path)
    }

    /// Makes a change; see ``RouteTable/apply(_:)``.
    ///
    /// - Returns: the position of the route that it is about; nil where there is none.
    mutating func apply(_ change: RouteChange) -> Int? {
        table.apply(change)
    }
}
