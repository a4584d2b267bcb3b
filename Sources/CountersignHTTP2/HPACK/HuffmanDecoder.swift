/// Reads strings in the Huffman code of HPACK (RFC 7541 section 5.2).
enum HuffmanDecoder {
    /// Decodes the bytes of `range` behind what `output` holds.
    ///
    /// - Throws: `malformedString` for the end-of-string symbol, a code that is cut, or padding other than ones.
    static func decode(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        into output: inout [UInt8]
    ) throws(HPACKFault) {
        let code = HuffmanCode.standard
        var bits: UInt64 = 0
        var available = 0
        var position = range.lowerBound
        while true {
            while available <= 48, position < range.upperBound {
                bits |= UInt64(bytes[position]) &<< UInt64(56 &- available)
                available &+= 8
                position &+= 1
            }
            guard available > 0 else { return }
            let entry = code.short[Int(truncatingIfNeeded: bits &>> UInt64(64 &- HuffmanCode.shortBits))]
            var symbol = entry & 0xFF
            var length = Int(entry &>> 8)
            if length == 0 || length > available {
                if available < 8, isPadding(bits, available) { return }
                guard let found = code.long(UInt32(truncatingIfNeeded: bits &>> 32)), found.length <= available,
                    found.symbol != HuffmanCode.endOfString, length == 0
                else { throw .malformedString }
                (symbol, length) = found
            }
            output.append(UInt8(truncatingIfNeeded: symbol))
            bits &<<= UInt64(length)
            available &-= length
        }
    }

    /// Whether the last bits, fewer than eight, are the ones that fill a byte.
    private static func isPadding(_ bits: UInt64, _ count: Int) -> Bool {
        bits &>> UInt64(64 &- count) == (1 &<< UInt64(count)) &- 1
    }
}
