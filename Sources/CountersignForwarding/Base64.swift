/// Base64 with the standard alphabet and padding (RFC 4648 section 4), in its canonical form only.
///
/// One value has one text: white space, line ends, missing or extra padding, the URL alphabet and non-zero bits after
/// the last byte are refused, so that a certificate cannot be spelt in two ways.
package enum Base64 {
    /// The number of characters that `count` bytes take.
    package static func encodedCount(_ count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// Appends the text of `bytes` to `output`.
    package static func encode(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + encodedCount(bytes.count))
        var index = 0
        while index < bytes.count {
            let rest = bytes.count - index
            var group = UInt32(bytes[index]) << 16
            if rest > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if rest > 2 { group |= UInt32(bytes[index + 2]) }
            output.append(character(group >> 18))
            output.append(character(group >> 12))
            output.append(rest > 1 ? character(group >> 6) : padding)
            output.append(rest > 2 ? character(group) : padding)
            index += 3
        }
    }

    /// The bytes that `text` stands for.
    ///
    /// The empty text stands for no bytes.
    ///
    /// - Throws: ``ForwardedHeaderError/Code/invalidBase64``.
    package static func decode(_ text: Span<UInt8>) throws(ForwardedHeaderError) -> [UInt8] {
        guard text.count % 4 == 0 else {
            throw ForwardedHeaderError(.invalidBase64, "Base64 has \(text.count) characters, which 4 does not divide")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let isLast = index + 4 == text.count
            let paddings = isLast ? paddingCount(text, at: index) : 0
            var group: UInt32 = 0
            for position in 0..<4 {
                group <<= 6
                if position >= 4 - paddings { continue }
                guard let bits = value(text[index + position]) else {
                    throw ForwardedHeaderError(
                        .invalidBase64,
                        "a byte is none of the Base64 alphabet",
                        offset: index + position
                    )
                }
                group |= bits
            }
            // With one padding two bytes are meant and with two one: the bits below must be zero.
            if group & (paddings == 0 ? 0 : paddings == 1 ? 0xFF : 0xFFFF) != 0 {
                throw ForwardedHeaderError(.invalidBase64, "bits after the last byte are not zero", offset: index)
            }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if paddings < 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if paddings < 1 { bytes.append(UInt8(truncatingIfNeeded: group)) }
            index += 4
        }
        return bytes
    }

    private static func paddingCount(_ text: Span<UInt8>, at index: Int) -> Int {
        guard text[index + 3] == padding else { return 0 }
        return text[index + 2] == padding ? 2 : 1
    }

    private static func character(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 0x3F)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static let padding = UInt8(ascii: "=")
}
