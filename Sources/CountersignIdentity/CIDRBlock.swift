/// A block of IP addresses in CIDR notation, such as `10.0.0.0/8`.
///
/// An IPv4-mapped IPv6 address is treated as the IPv4 address that it carries, on both sides.
public struct CIDRBlock: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the block.
    public let network: IPAddress
    /// How many leading bits all addresses of the block share: 0...32 for IPv4, 0...128 for IPv6.
    public let prefixLength: Int

    /// Parses an address and a prefix length, or an address alone, which is a block of one.
    ///
    /// Bits set beyond the prefix are an error, because the writer then had another block in mind.
    ///
    /// - Throws: ``IdentityError`` with `invalidAddressBlock` or `invalidAddress`.
    public init(parsing text: String) throws(IdentityError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let address = try IPAddress(parsing: String(parts[0]))
        guard parts.count == 2 else {
            self.init(network: address.unmapped, prefixLength: address.unmapped.family.bitCount)
            return
        }
        let digits = parts[1]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let prefixLength = Int(digits), prefixLength <= address.family.bitCount
        else {
            throw IdentityError(
                .invalidAddressBlock,
                """
                block \(IdentityError.excerpt(of: text)) has no valid prefix length; write a number from 0 to \
                \(address.family.bitCount)
                """
            )
        }
        let block = CIDRBlock(network: address, prefixLength: prefixLength)
        guard block.mask & address.value == address.value else {
            let network = IPAddress(family: address.family, value: block.mask & address.value)
            throw IdentityError(
                .invalidAddressBlock,
                """
                block \(IdentityError.excerpt(of: text)) has address bits beyond its prefix; write \
                \(network)/\(prefixLength) or the address alone
                """
            )
        }
        // A block inside the mapped range is a block of IPv4.
        let unmapped = address.unmapped
        if unmapped != address, prefixLength >= 96 {
            self.init(network: unmapped, prefixLength: prefixLength - 96)
        } else {
            self = block
        }
    }

    /// Whether the address is in the block.
    ///
    /// Allocates nothing.
    public func contains(_ address: IPAddress) -> Bool {
        let candidate = address.unmapped
        if candidate.family == network.family { return candidate.value & mask == network.value }
        // What is left to match is a mapped address and a block of IPv6 that covers the mapped range, such as ::/0.
        return address.family == network.family && address.value & mask == network.value
    }

    /// Whether there is only one address in the block.
    public var isSingleAddress: Bool { prefixLength == network.family.bitCount }

    /// The text form, for people and logs.
    public var description: String { "\(network)/\(prefixLength)" }

    private init(network: IPAddress, prefixLength: Int) {
        self.network = network
        self.prefixLength = prefixLength
    }

    private var mask: UInt128 {
        let bits = network.family.bitCount
        guard prefixLength > 0 else { return 0 }
        let all = bits == 128 ? UInt128.max : (1 << UInt128(bits)) - 1
        return all & ~(((1 as UInt128) << UInt128(bits - prefixLength)) - 1)
    }
}
