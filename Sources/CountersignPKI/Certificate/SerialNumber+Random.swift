extension SerialNumber {
    /// The content of a new serial number's INTEGER: 158 random bits, unguessable, positive, never zero, and of at most
    /// 20 bytes (RFC 5280 section 4.1.2.2).
    static func random(_ random: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        for _ in 0..<3 {
            let word = random.next()
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8))) }
        }
        bytes.removeLast(4)
        // The first bit is clear so that it stays positive; the second is set so that the length is always the same.
        bytes[0] = bytes[0] & 0x7F | 0x40
        return bytes
    }
}
