package import CountersignIdentity

/// The proxies whose word about a client's certificate counts.
///
/// Nothing is trusted by default: an empty list trusts nobody, loopback neither.
package struct TrustedProxies: Sendable, Hashable {
    /// The blocks of addresses.
    package let blocks: [CIDRBlock]

    /// Takes blocks of IPv4 and IPv6 addresses.
    package init(_ blocks: [CIDRBlock]) {
        self.blocks = blocks
    }

    /// Whether a connection from that address comes from such a proxy; an IPv4 address mapped into IPv6 is the IPv4 one.
    package func contains(_ address: IPAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }
}
