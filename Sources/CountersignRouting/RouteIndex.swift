/// From host and path to the number of a route.
///
/// One table holds the hosts, exact ones and wildcards as what follows the `*`; another the paths, each tagged with its
/// host. A host of one route without a path, the usual case, is settled by the first alone.
struct RouteIndex: Sendable {
    /// What is known of one host or wildcard that has a route with a path.
    private struct HostRecord {
        /// The route without a path, or -1.
        var root: Int32 = -1
        /// Which numbers of segments, as bits, the paths of its routes have or had.
        var depths: UInt32 = 0
        /// How many paths it has.
        var pathCount: Int32 = 0
    }

    /// The number of a host is twice that of its only route, or twice that of its record and one when it has paths.
    private var hosts: KeyDirectory
    private var records: [HostRecord] = []
    private var freeRecords: [Int32] = []
    private var paths: KeyDirectory
    /// Which numbers of bytes the wildcards in `hosts` have.
    private var wildcardCounts = ByteCountSet()

    /// Makes an empty index; `seed` is secret.
    init(seed: UInt64) {
        hosts = KeyDirectory(seed: seed)
        paths = KeyDirectory(seed: seed &+ 1)
    }

    /// The number of the route that has exactly this pattern, or -1.
    func number(of pattern: RoutePattern) -> Int {
        let text = pattern.description.utf8.span
        let host = hosts.find(text.extracting(Self.key(pattern)), tag: Self.tag(pattern))
        guard host >= 0 else { return -1 }
        let path = text.extracting(pattern.pathRange)
        guard host & 1 == 1 else { return path.isEmpty ? host >> 1 : -1 }
        return path.isEmpty ? Int(records[host >> 1].root) : paths.find(path, tag: UInt32(host >> 1))
    }

    /// Whether there is a route of the pattern's host, with whatever path.
    func hasHost(of pattern: RoutePattern) -> Bool {
        let text = pattern.description.utf8.span
        return hosts.find(text.extracting(Self.key(pattern)), tag: Self.tag(pattern)) >= 0
    }

    /// Takes a route up, whose pattern is not there yet.
    mutating func insert(_ pattern: RoutePattern, number: Int32) {
        let text = pattern.description.utf8.span
        let key = text.extracting(Self.key(pattern))
        let path = text.extracting(pattern.pathRange)
        let tag = Self.tag(pattern)
        let host = hosts.find(key, tag: tag)
        if host < 0, pattern.isWildcard { wildcardCounts.insert(key.count) }
        if path.isEmpty {
            if host >= 0, host & 1 == 1 {
                records[host >> 1].root = number
            } else {
                hosts.set(key, tag: tag, value: number << 1)
            }
            return
        }
        var record = host >> 1
        if host < 0 || host & 1 == 0 {
            record = takeRecord(root: host < 0 ? -1 : Int32(host >> 1))
            hosts.set(key, tag: tag, value: Int32(record) << 1 | 1)
        }
        paths.set(path, tag: UInt32(record), value: number)
        records[record].depths |= 1 << UInt32(pattern.depth)
        records[record].pathCount += 1
    }

    /// Forgets a route.
    ///
    /// - Returns: the number that it had, or -1 when it is not there.
    mutating func remove(_ pattern: RoutePattern) -> Int {
        let number = number(of: pattern)
        guard number >= 0 else { return -1 }
        let text = pattern.description.utf8.span
        let key = text.extracting(Self.key(pattern))
        let path = text.extracting(pattern.pathRange)
        let tag = Self.tag(pattern)
        let host = hosts.find(key, tag: tag)
        guard host & 1 == 1 else {
            forgetHost(key, pattern)
            return number
        }
        let record = host >> 1
        if path.isEmpty {
            records[record].root = -1
            return number
        }
        paths.remove(path, tag: UInt32(record))
        records[record].pathCount -= 1
        guard records[record].pathCount == 0 else { return number }
        let root = records[record].root
        freeRecords.append(Int32(record))
        if root < 0 { forgetHost(key, pattern) } else { hosts.set(key, tag: tag, value: root << 1) }
        return number
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
        guard host & 1 == 1 else { return host >> 1 }
        let index = host >> 1
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

    private mutating func takeRecord(root: Int32) -> Int {
        let record = HostRecord(root: root)
        if let free = freeRecords.popLast() {
            records[Int(free)] = record
            return Int(free)
        }
        records.append(record)
        return records.count - 1
    }

    private mutating func forgetHost(_ key: Span<UInt8>, _ pattern: RoutePattern) {
        hosts.remove(key, tag: Self.tag(pattern))
        if pattern.isWildcard { wildcardCounts.remove(key.count) }
    }

    /// Where in a pattern's text the key of its host is: for a wildcard behind the `*`.
    private static func key(_ pattern: RoutePattern) -> Range<Int> {
        (pattern.isWildcard ? 1 : 0)..<pattern.hostRange.upperBound
    }

    private static func tag(_ pattern: RoutePattern) -> UInt32 {
        pattern.isWildcard ? wildcardTag : exactTag
    }

    /// Tells what follows a `*` from a host that begins with a dot.
    private static let exactTag: UInt32 = 0
    private static let wildcardTag: UInt32 = 1
}
