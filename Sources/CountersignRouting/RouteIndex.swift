/// From host and path to the number of a route.
///
/// One table holds the hosts, exact ones and wildcards as what follows the `*`; another the paths, each tagged with its
/// host. A host of one route without a path, the usual case, is settled by the first alone.
struct RouteIndex: Sendable {
    /// What is known of one host or wildcard that has a path, or had none of its own yet while building.
    private struct HostRecord {
        /// The route without a path, or -1.
        var root: Int32 = -1
        /// Which numbers of segments, as bits, the paths of its routes have.
        var depths: UInt32 = 0
    }

    /// The number of a host is the position of its record while building; after ``seal()`` it is that position plus
    /// `routeCount` if there are paths, and the number of the only route if there are none.
    private var hosts: ByteKeyTable
    private var records: [HostRecord] = []
    private var paths: ByteKeyTable
    /// Which numbers of bytes the wildcards in `hosts` have.
    private var wildcardCounts = ByteCountSet()
    private let routeCount: Int32

    /// Makes an index that is to be filled with a number of routes.
    init(routeCount: Int32, seed: UInt64) {
        hosts = ByteKeyTable(capacity: Int(routeCount), seed: seed)
        paths = ByteKeyTable(capacity: 0, seed: seed &+ 1)
        self.routeCount = routeCount
    }

    /// Takes up a route, before ``seal()``.
    ///
    /// - Returns: the number of the route that has the same pattern already; nothing is taken up then.
    mutating func add(_ pattern: RoutePattern, number: Int32) -> Int32? {
        let key = Array(((pattern.isWildcard ? "." : "") + pattern.host).utf8)
        let tag = pattern.isWildcard ? Self.wildcardTag : Self.exactTag
        var record = hosts.find(key.span, tag: tag)
        if record < 0 {
            record = records.count
            records.append(HostRecord())
            hosts.insert(key.span, tag: tag, value: Int32(record))
            if pattern.isWildcard { wildcardCounts.insert(key.count) }
        }
        if pattern.path.isEmpty {
            guard records[record].root < 0 else { return records[record].root }
            records[record].root = number
        } else {
            let path = Array(pattern.path.utf8)
            let other = paths.find(path.span, tag: UInt32(record))
            guard other < 0 else { return Int32(other) }
            paths.insert(path.span, tag: UInt32(record), value: number)
            records[record].depths |= 1 << UInt32(pattern.depth)
        }
        return nil
    }

    /// Ends the building.
    mutating func seal() {
        let records = records
        let routeCount = routeCount
        hosts.mapValues { records[Int($0)].depths == 0 ? records[Int($0)].root : $0 + routeCount }
    }

    /// The number of the route that takes a request, or -1.
    ///
    /// - Parameter sawPaths: becomes true when the path had to do with the outcome.
    func search(_ host: Span<UInt8>, _ path: Span<UInt8>, _ sawPaths: inout Bool) -> Int {
        let exact = hosts.find(host, tag: Self.exactTag)
        if exact >= 0 {
            let number = route(of: exact, path, &sawPaths)
            if number >= 0 { return number }
        }
        guard !wildcardCounts.isEmpty else { return -1 }
        // A dot at the very beginning has no label before it.
        for dot in 1..<max(host.count, 1) where isWildcardStart(host, dot) {
            let wildcard = hosts.find(host.extracting(dot..<host.count), tag: Self.wildcardTag)
            guard wildcard >= 0 else { continue }
            let number = route(of: wildcard, path, &sawPaths)
            if number >= 0 { return number }
        }
        return -1
    }

    private func isWildcardStart(_ host: Span<UInt8>, _ dot: Int) -> Bool {
        host[dot] == UInt8(ascii: ".") && wildcardCounts.contains(host.count - dot)
    }

    /// The route of one host with the longest path that the request's path begins with, at the end of a segment.
    private func route(of host: Int, _ path: Span<UInt8>, _ sawPaths: inout Bool) -> Int {
        guard host >= Int(routeCount) else { return host }
        let index = host - Int(routeCount)
        let record = records[index]
        sawPaths = true
        var found = Int(record.root)
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { return found }
        var depths = record.depths
        var depth: UInt32 = 0
        var end = 0
        while depths != 0 {
            // `end` is at a slash; the segment that it begins goes up to the next one.
            end += 1
            while end < path.count, path[end] != UInt8(ascii: "/"), path[end] != UInt8(ascii: "?") { end += 1 }
            guard end <= RoutePattern.maximumPathLength else { break }
            depth += 1
            if depths & (1 << depth) != 0 {
                depths &= ~(1 << depth)
                let number = paths.find(path.extracting(0..<end), tag: UInt32(index))
                if number >= 0 { found = number }
            }
            guard end < path.count, path[end] == UInt8(ascii: "/") else { break }
        }
        return found
    }

    /// Tells what follows a `*` from a host that begins with a dot.
    private static let exactTag: UInt32 = 0
    private static let wildcardTag: UInt32 = 1
}
