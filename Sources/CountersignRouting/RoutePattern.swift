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

    /// Whether the pattern begins with `*.`.
    public let isWildcard: Bool
    /// The host, or with a wildcard what follows `*.`.
    public let host: String
    /// The path with a `/` before each segment and none at its end; empty for the whole host.
    public let path: String

    /// Parses a route as it is configured or registered.
    ///
    /// Upper case in the host, a trailing dot of the host, a query and `/` at the end of the path are normalized away.
    /// A port, an empty or dot segment, a backslash, a fragment and anything but printable ASCII are refused.
    ///
    /// - Throws: ``RoutingError/Code/invalidRoute``.
    public init(parsing text: String) throws(RoutingError) {
        let route = text.utf8.prefix { $0 != UInt8(ascii: "?") }
        let hostEnd = route.firstIndex(of: UInt8(ascii: "/")) ?? route.endIndex
        self.isWildcard = route.starts(with: "*.".utf8)
        let hostText = Array(route[..<hostEnd].dropFirst(isWildcard ? 2 : 0))
        guard let host = Self.host(hostText, isWildcard: isWildcard) else {
            throw RoutingError(
                .invalidRoute,
                """
                route \(IdentityError.excerpt(of: text)) does not begin with a host: write a host name or '*.' and a \
                host name, without scheme and port
                """
            )
        }
        self.host = host
        self.path = try Self.path(Array(route[hostEnd...]), of: text)
    }

    /// The route in its normal form.
    public var description: String { (isWildcard ? "*." : "") + host + path }

    /// How many segments the path has.
    package var depth: Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    private static func host(_ bytes: [UInt8], isWildcard: Bool) -> String? {
        if let name = HostName(serverName: bytes.span) {
            return isWildcard && name.count + 2 > HostName.maximumLength ? nil : name.description
        }
        guard !isWildcard, let address = try? HostName(parsing: String(decoding: bytes, as: UTF8.self)) else {
            return nil
        }
        return address.description
    }

    /// Whether a segment is `.` or `..`, spelled with `%2e` or without: no request for either reaches a route.
    private static func isDots(_ segment: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: segment, as: UTF8.self).lowercased().replacing("%2e", with: ".")
        return text == "." || text == ".."
    }

    private static func path(_ bytes: [UInt8], of text: String) throws(RoutingError) -> String {
        let trimmed = bytes.last == UInt8(ascii: "/") ? bytes.dropLast() : bytes[...]
        guard !trimmed.isEmpty else { return "" }
        let segments = trimmed.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let problem: String? =
            if !trimmed.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") }
            ) {
                "has a path with a byte other than printable ASCII, a backslash or '#'"
            } else if segments.contains(where: \.isEmpty) {
                "has a path with an empty segment"
            } else if segments.contains(where: isDots) {
                "has a path with a '.' or '..' segment"
            } else if trimmed.count > maximumPathLength || segments.count > maximumDepth {
                "has a path of more than \(maximumPathLength) bytes or \(maximumDepth) segments"
            } else {
                nil
            }
        if let problem {
            throw RoutingError(.invalidRoute, "route \(IdentityError.excerpt(of: text)) \(problem)")
        }
        return String(decoding: trimmed, as: UTF8.self)
    }
}
