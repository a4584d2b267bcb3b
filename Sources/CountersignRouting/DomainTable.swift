import CountersignIdentity

/// Which domain with mutual TLS a host belongs to.
///
/// The one matcher for the server name of the handshake and for the host of every request on the connection: asked the
/// same, it answers the same. As no two domains overlap, a host has one domain or none.
public struct DomainTable: Sendable {
    /// The domains, in the order in which they were given.
    public let domains: [MTLSDomain]
    private let table: ByteKeyTable

    /// Builds the table.
    ///
    /// - Parameters:
    ///   - domains: the domains; ``match(host:)`` answers with positions in this array.
    ///   - seed: a random number that is secret and lasts as long as the process.
    /// - Throws: ``RoutingError/Code/overlappingDomains``, naming both places, when a host could match two domains.
    public init(domains: [MTLSDomain], seed: UInt64) throws(RoutingError) {
        var positions: [String: Int] = [:]
        for (position, domain) in domains.enumerated() {
            if let other = positions.updateValue(position, forKey: domain.pattern.description) {
                throw Self.overlap(domains[other], domain)
            }
        }
        var table = ByteKeyTable(capacity: domains.count, seed: seed)
        for (position, domain) in domains.enumerated() {
            let text = domain.pattern.description
            let parent = "*" + text.drop { $0 != "." }
            if !domain.pattern.isWildcard, let other = positions[parent] {
                throw Self.overlap(domains[min(position, other)], domains[max(position, other)])
            }
            let isWildcard = domain.pattern.isWildcard
            let key = Array(text.utf8.dropFirst(isWildcard ? 1 : 0))
            let tag = isWildcard ? Self.wildcardTag : Self.exactTag
            table.insert(key.span, tag: tag, value: Int32(position))
        }
        self.domains = domains
        self.table = table
    }

    /// The position of the domain that a host belongs to; `nil` when it belongs to none.
    ///
    /// A wildcard stands for exactly one label. Allocates nothing.
    ///
    /// - Parameter host: a host in the normal form of `HostName`: lower-case, without port and trailing dot.
    public func match(host: Span<UInt8>) -> Int? {
        let exact = table.find(host, tag: Self.exactTag)
        if exact >= 0 { return exact }
        var dot = 0
        while dot < host.count, host[dot] != UInt8(ascii: ".") { dot += 1 }
        // Without a label before the dot there is nothing that the wildcard could stand for.
        guard dot > 0, dot < host.count else { return nil }
        let wildcard = table.find(host.extracting(dot..<host.count), tag: Self.wildcardTag)
        return wildcard >= 0 ? wildcard : nil
    }

    /// Tells what follows a `*` from a host that begins with a dot.
    private static let exactTag: UInt32 = 0
    private static let wildcardTag: UInt32 = 1

    private static func overlap(_ first: MTLSDomain, _ second: MTLSDomain) -> RoutingError {
        RoutingError(
            .overlappingDomains,
            """
            domain \(second.pattern) (\(second.place)) overlaps \(first.pattern) (\(first.place)): a host has to belong \
            to one domain at most
            """
        )
    }
}
