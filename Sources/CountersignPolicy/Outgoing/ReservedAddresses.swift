package import CountersignIdentity

/// Addresses that calls of workloads must not reach unless a list names them by number.
///
/// Behind them are the host itself and what trusts whoever can reach it: the metadata services of clouds give out
/// credentials to any process that asks. A name that resolves to one of them is the usual way around a list of names.
package enum ReservedAddresses {
    /// What an address is reserved for, by its number alone; nil for one of the network.
    ///
    /// Of an address that may stand for another, each of its readings is asked about.
    package static func purpose(of address: IPAddress) -> String? {
        blocks.first { $0.block?.contains(address) ?? false }?.purpose
    }

    /// Whether all addresses of a block are of translators with prefixes of a network's own (RFC 8215).
    static func isTranslation(_ block: CIDRBlock) -> Bool {
        guard let translation else { return false }
        return translation.contains(block.network) && block.prefixLength >= translation.prefixLength
    }

    private static let translation = try? CIDRBlock(parsing: "64:ff9b:1::/48")

    private static let blocks: [(block: CIDRBlock?, purpose: String)] = [
        ("127.0.0.0/8", "loopback"), ("::1", "loopback"),
        ("0.0.0.0/8", "this host"), ("::", "this host"),
        ("169.254.0.0/16", "link-local and cloud metadata"), ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"), ("64:ff9b:1::/48", "translation to IPv4 within a network"),
        ("fd00:ec2::254", "cloud metadata"), ("fd20:ce::254", "cloud metadata"),
        ("fd00:c1::a9fe:a9fe", "cloud metadata"), ("100.100.100.200", "cloud metadata"),
        ("168.63.129.16", "cloud metadata"), ("192.0.0.192", "cloud metadata"),
        ("224.0.0.0/4", "multicast"), ("ff00::/8", "multicast"), ("255.255.255.255", "broadcast"),
    ].map { (try? CIDRBlock(parsing: $0.0), $0.1) }
}
