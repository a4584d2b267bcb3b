/// Numbers of HPACK with a prefix of less than a byte (RFC 7541 section 5.1).
enum HPACKInteger {
    /// Reads a number whose first byte is at `offset` and has `prefix` bits of it; moves `offset` behind it.
    ///
    /// - Parameter end: where the block ends.
    static func read(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        end: Int,
        prefix: Int
    ) throws(HPACKFault) -> Int {
        guard offset < end else { throw .truncated }
        let mask = (1 &<< prefix) &- 1
        var value = Int(bytes[offset]) & mask
        offset &+= 1
        guard value == mask else { return value }
        var shift = 0
        while true {
            guard offset < end else { throw .truncated }
            let byte = bytes[offset]
            offset &+= 1
            value &+= Int(byte & 0x7F) &<< shift
            guard byte & 0x80 != 0 else { return value }
            shift &+= 7
            // Five bytes hold 2^35, which is more than any size or index; more of them are only there to be many.
            guard shift < 35 else { throw .integerOverflow }
        }
    }

    /// Writes a number behind the bits that `first` has above its prefix.
    static func write(_ value: Int, prefix: Int, first: UInt8, to output: inout [UInt8]) {
        let mask = (1 &<< prefix) &- 1
        guard value >= mask else {
            output.append(first | UInt8(truncatingIfNeeded: value))
            return
        }
        output.append(first | UInt8(truncatingIfNeeded: mask))
        var rest = value &- mask
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest & 0x7F) | 0x80)
            rest &>>= 7
        }
        output.append(UInt8(truncatingIfNeeded: rest))
    }
}
