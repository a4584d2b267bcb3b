import CountersignIdentity

/// Which requests a route takes: a host or `*.` and a host, and optionally the beginning of a path.
///
/// `*.` stands for one label or more, as in GoRouter (and other than in `HostPattern`, where it stands for one). The
/// host is in the normal form of `HostName`. A path matches itself and whatever follows it after a `/`: `/v1` takes
/// `/v1`, `/v1/` and `/v1/x`, but not `/v10`. Its case counts.
public struct RoutePattern: Sendable, Hashable, CustomStringConvertible {
    /// The longest path, in bytes.
    public static let maximumPathLength = 1024
    /// The most segments that a path may have.
    public static let maximumDepth = 31

    /// The route in its normal form.
    public let description: String
    /// How many bytes of it are the host, with `*.` before it.
    private let hostCount: UInt16

    /// Parses a route as it is configured or registered.
    ///
    /// Upper case in the host, a trailing dot of the host, a query and `/` at the end of the path are normalized away.
    /// A port, an empty or dot segment, a backslash, a fragment and anything but printable ASCII are refused.
    ///
    /// - Throws: ``RoutingError/Code/invalidRoute``.
    public init(parsing text: String) throws(RoutingError) {
        let bytes = text.utf8.span
        var hostEnd = 0
        while hostEnd < bytes.count, bytes[hostEnd] != UInt8(ascii: "/"), bytes[hostEnd] != UInt8(ascii: "?") {
            hostEnd += 1
        }
        var end = hostEnd
        while end < bytes.count, bytes[end] != UInt8(ascii: "?") { end += 1 }
        if end > hostEnd, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }

        let isWildcard = hostEnd >= 2 && bytes[0] == UInt8(ascii: "*") && bytes[1] == UInt8(ascii: ".")
        let hostStart = isWildcard ? 2 : 0
        guard let host = Self.host(bytes.extracting(hostStart..<hostEnd), isWildcard: isWildcard) else {
            throw RoutingError(
                .invalidRoute,
                """
                route \(IdentityError.excerpt(of: text)) does not begin with a host: write a host name or '*.' and a \
                host name, without scheme and port
                """
            )
        }
        if end > hostEnd { try Self.checkPath(text.utf8.prefix(end).dropFirst(hostEnd), of: text) }

        hostCount = UInt16(hostStart + host.count)
        let isNormal = host.withBytes { $0.isEqual(to: bytes.extracting(hostStart..<hostEnd)) }
        if isNormal, end == bytes.count {
            description = text
        } else {
            let path = String(decoding: text.utf8.prefix(end).dropFirst(hostEnd), as: UTF8.self)
            description = (isWildcard ? "*." : "") + host.description + path
        }
    }

    /// Whether the pattern begins with `*.`.
    public var isWildcard: Bool { description.utf8.first == UInt8(ascii: "*") }

    /// The host, or with a wildcard what follows `*.`.
    public var host: String {
        let range = hostRange
        return String(decoding: description.utf8.prefix(range.upperBound).dropFirst(range.lowerBound), as: UTF8.self)
    }

    /// The path with a `/` before each segment and none at its end; empty for the whole host.
    public var path: String { String(decoding: description.utf8.dropFirst(Int(hostCount)), as: UTF8.self) }

    /// Where in ``description`` ``host`` is.
    var hostRange: Range<Int> { (isWildcard ? 2 : 0)..<Int(hostCount) }

    /// Where in ``description`` ``path`` is.
    var pathRange: Range<Int> { Int(hostCount)..<description.utf8.count }

    /// How many segments the path has.
    package var depth: Int { description.utf8.count { $0 == UInt8(ascii: "/") } }

    private static func host(_ bytes: Span<UInt8>, isWildcard: Bool) -> HostName? {
        if let name = HostName(serverName: bytes) {
            return isWildcard && name.count + 2 > HostName.maximumLength ? nil : name
        }
        guard !isWildcard, let text = try? UTF8Span(validating: bytes) else { return nil }
        return try? HostName(parsing: String(copying: text))
    }

    /// Whether a segment is `.` or `..`, spelled with `%2e` or without: no request for either reaches a route.
    private static func isDots(_ segment: Substring.UTF8View) -> Bool {
        let text = String(decoding: segment, as: UTF8.self).lowercased().replacing("%2e", with: ".")
        return text == "." || text == ".."
    }

    private static func checkPath(_ path: Substring.UTF8View, of text: String) throws(RoutingError) {
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let problem: String? =
            if !path.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") }) {
                "has a path with a byte other than printable ASCII, a backslash or '#'"
            } else if segments.contains(where: \.isEmpty) {
                "has a path with an empty segment"
            } else if segments.contains(where: isDots) {
                "has a path with a '.' or '..' segment"
            } else if path.count > maximumPathLength || segments.count > maximumDepth {
                "has a path of more than \(maximumPathLength) bytes or \(maximumDepth) segments"
            } else {
                nil
            }
        if let problem {
            throw RoutingError(.invalidRoute, "route \(IdentityError.excerpt(of: text)) \(problem)")
        }
    }
}
