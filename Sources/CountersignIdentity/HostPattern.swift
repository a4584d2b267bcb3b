/// A host name, or `*.` and a host name, which matches every name with exactly one label more.
///
/// The one matcher for TLS server names and for hosts of requests: both are normalized as ``HostName`` and compared
/// with the same pattern, so that they cannot disagree about which domain a request belongs to.
public struct HostPattern: Hashable, Sendable, CustomStringConvertible {
    /// Whether the pattern begins with `*.`.
    public let isWildcard: Bool
    /// The host name, or with a wildcard what follows `*.`; normalized.
    private let name: [UInt8]

    /// Parses a pattern; upper case and one trailing dot are normalized away, a port or an address is refused.
    ///
    /// - Throws: ``IdentityError`` with `invalidHostPattern`.
    public init(parsing text: String) throws(IdentityError) {
        self.isWildcard = text.utf8.starts(with: "*.".utf8)
        let rest = Array(text.utf8.dropFirst(isWildcard ? 2 : 0))
        guard let host = HostName(serverName: rest.span),
            host.count + (isWildcard ? 2 : 0) <= HostName.maximumLength
        else {
            throw IdentityError(
                .invalidHostPattern,
                """
                \(IdentityError.excerpt(of: text)) is neither a host name nor '*.' and a host name; a wildcard stands \
                for exactly one whole label at the beginning, and there is no port
                """
            )
        }
        self.name = Array(host.description.utf8)
    }

    /// The text form, for people and logs.
    public var description: String { (isWildcard ? "*." : "") + String(decoding: name, as: UTF8.self) }

    /// Whether the pattern matches a host in the normal form of ``HostName``.
    ///
    /// Allocates nothing.
    public func matches(normalisedBytes host: Span<UInt8>) -> Bool {
        let offset = host.count - name.count
        if isWildcard {
            guard offset >= 2, host[offset - 1] == UInt8(ascii: ".") else { return false }
            for position in 0..<offset - 1 where host[position] == UInt8(ascii: ".") { return false }
        } else {
            guard offset == 0 else { return false }
        }
        for position in name.indices where host[offset + position] != name[position] { return false }
        return true
    }

    /// Whether the pattern matches a host.
    public func matches(_ host: HostName) -> Bool {
        host.withBytes { matches(normalisedBytes: $0) }
    }

    /// Whether some host matches both patterns, so that two domains with them would be ambiguous.
    public func overlaps(_ other: HostPattern) -> Bool {
        switch (isWildcard, other.isWildcard) {
        case (true, true), (false, false): name == other.name
        case (true, false): matches(normalisedBytes: other.name.span)
        case (false, true): other.matches(normalisedBytes: name.span)
        }
    }
}
