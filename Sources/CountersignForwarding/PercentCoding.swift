/// Percent-coding of header values (RFC 3986 section 2.1).
package enum PercentCoding {
    /// Which bytes stay as they are.
    package enum Style: Sendable {
        /// Letters, digits and `-._~` stay, all else is coded: nginx, Envoy's certificates.
        case unreserved
        /// As ``unreserved``, with a space as `+`: Traefik, the form of a query.
        case query
        /// Printable ASCII stays, `%` too, except space, `"` and `\`: for a URI or a DNS name.
        ///
        /// What a name may legally hold is not changed; what could end the quoted value that holds it is coded.
        case name
    }

    /// Appends `bytes` in coded form to `output`.
    package static func encode(_ bytes: Span<UInt8>, _ style: Style, to output: inout [UInt8]) {
        for index in bytes.indices {
            let byte = bytes[index]
            if style == .query, byte == UInt8(ascii: " ") {
                output.append(UInt8(ascii: "+"))
            } else if stays(byte, style) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                appendHex(byte, to: &output)
            }
        }
    }

    /// The bytes that `text` stands for.
    ///
    /// `+` stands for itself. A byte that is not printable ASCII, or a space, should have been coded and is refused.
    ///
    /// - Throws: ``ForwardedHeaderError/Code/invalidPercentCoding``.
    package static func decode(_ text: Span<UInt8>) throws(ForwardedHeaderError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            guard byte > 0x20, byte < 0x7F else {
                throw ForwardedHeaderError(.invalidPercentCoding, "a byte should be percent-coded", offset: index)
            }
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                index += 1
                continue
            }
            guard index + 2 < text.count, let high = digit(text[index + 1]), let low = digit(text[index + 2]) else {
                throw ForwardedHeaderError(
                    .invalidPercentCoding,
                    "% is not followed by two hexadecimal digits",
                    offset: index
                )
            }
            bytes.append(high << 4 | low)
            index += 3
        }
        return bytes
    }

    /// Appends two upper-case hexadecimal digits.
    package static func appendHex(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 0x0F))
    }

    /// The value of one hexadecimal digit of either case.
    package static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }

    private static func stays(_ byte: UInt8, _ style: Style) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            false
        case 0x21...0x7E:
            style == .name
        default:
            false
        }
    }
}
