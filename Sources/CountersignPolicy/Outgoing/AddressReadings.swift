package import CountersignIdentity

extension IPAddress {
    /// Everything that a packet to this address may be a packet to: the address itself, and the IPv4 addresses that systems
    /// and translators on its way read in it.
    ///
    /// | form | RFC |
    /// |---|---|
    /// | `::ffff:a.b.c.d` | 4291 section 2.5.5.2, mapped; only the IPv4 address is left of it |
    /// | `::a.b.c.d` | 4291 section 2.5.5.1, compatible |
    /// | `::ffff:0:a.b.c.d` | 2765 section 2.1, translated |
    /// | `64:ff9b::a.b.c.d` | 6052 section 2.1, NAT64 |
    /// | `64:ff9b:1::/48` | 8215, NAT64 by prefixes of the network's own; as the length of a prefix is not in the address, each one counts (6052 section 2.2) |
    /// | `2002:ab:cd::` | 3056 section 2, 6to4 |
    package var readings: [IPAddress] {
        let address = unmapped
        guard address.family == .v6 else { return [address] }
        return [address] + Self.embedded(in: address.networkBytes)
    }

    private static func embedded(in bytes: [UInt8]) -> [IPAddress] {
        // `::` and `::1` are addresses of their own.
        if bytes.starts(with: [UInt8](repeating: 0, count: 15)), bytes[15] < 2 { return [] }
        let isWhole = [compatiblePrefix, translatedPrefix, translationPrefix].contains { bytes.starts(with: $0) }
        if isWhole { return [v4(bytes, 12, 13, 14, 15)] }
        if bytes.starts(with: sixToFourPrefix) { return [v4(bytes, 2, 3, 4, 5)] }
        guard bytes.starts(with: localTranslationPrefix) else { return [] }
        let candidates = [
            v4(bytes, 6, 7, 9, 10), v4(bytes, 7, 9, 10, 11), v4(bytes, 9, 10, 11, 12), v4(bytes, 12, 13, 14, 15),
        ]
        // Under all prefixes but the one that is in use, zeros are read; they lead nowhere.
        return candidates.filter { $0.networkBytes[0] != 0 }
    }

    private static func v4(_ bytes: [UInt8], _ positions: Int...) -> IPAddress {
        IPAddress(v4: positions.reduce(0) { $0 << 8 | UInt32(bytes[$1]) })
    }

    private static let compatiblePrefix = [UInt8](repeating: 0, count: 12)
    private static let translatedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0]
    private static let translationPrefix: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]
    private static let localTranslationPrefix: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 1]
    private static let sixToFourPrefix: [UInt8] = [0x20, 0x02]
}
