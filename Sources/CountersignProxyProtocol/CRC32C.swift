/// The checksum of PROXY protocol headers: CRC-32C, the Castagnoli polynomial (RFC 3720 appendix B.4).
package struct CRC32C {
    private var state: UInt32 = ~0

    /// Begins a checksum of no bytes.
    package init() {}

    /// The checksum of the bytes added so far.
    package var value: UInt32 { ~state }

    /// Adds a byte.
    package mutating func add(_ byte: UInt8) {
        state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
    }

    /// Adds bytes in their order.
    package mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(bytes[index]) }
    }

    /// The polynomial with its bits reversed, applied to each byte.
    private static let table: [UInt32] = (0..<256).map { byte in
        var entry = UInt32(byte)
        for _ in 0..<8 { entry = entry & 1 == 1 ? (entry >> 1) ^ 0x82F6_3B78 : entry >> 1 }
        return entry
    }
}
