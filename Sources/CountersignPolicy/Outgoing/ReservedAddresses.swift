package import CountersignIdentity

/// Addresses that calls of workloads must not reach unless a list names them by number.
///
/// Behind them are the host itself and what trusts whoever can reach it: the metadata services of clouds give out
/// credentials to any process that asks. A name that resolves to one of them is the usual way around a list of names.
package enum ReservedAddresses {
    /// What an address is reserved for; nil for one of the network.
    package static func purpose(of address: IPAddress) -> String? {
        let effective = embedded(in: address.unmapped) ?? address.unmapped
        return blocks.first { $0.block?.contains(effective) ?? false }?.purpose
    }

    /// The IPv4 address that a translator reaches by an IPv6 one (RFC 6052 section 2.1, RFC 3056 section 2).
    private static func embedded(in address: IPAddress) -> IPAddress? {
        guard address.family == .v6 else { return nil }
        let bytes = address.networkBytes
        if bytes.starts(with: translationPrefix) { return address4(bytes[12..<16]) }
        if bytes.starts(with: [0x20, 0x02]) { return address4(bytes[2..<6]) }
        return nil
    }

    private static func address4(_ bytes: ArraySlice<UInt8>) -> IPAddress {
        IPAddress(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    private static let translationPrefix: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]

    private static let blocks: [(block: CIDRBlock?, purpose: String)] = [
        ("127.0.0.0/8", "loopback"), ("::1", "loopback"),
        ("0.0.0.0/8", "this host"), ("::", "this host"),
        ("169.254.0.0/16", "link-local and cloud metadata"), ("fe80::/10", "link-local"),
        ("fd00:ec2::254", "cloud metadata"), ("100.100.100.200", "cloud metadata"),
        ("168.63.129.16", "cloud metadata"), ("192.0.0.192", "cloud metadata"),
        ("224.0.0.0/4", "multicast"), ("ff00::/8", "multicast"), ("255.255.255.255", "broadcast"),
    ].map { (try? CIDRBlock(parsing: $0.0), $0.1) }
}
