/// Percent-encoding (RFC 3986 section 2.1) as paths and queries have it.
enum PercentCoding {
    /// Decodes one segment of a path.
    ///
    /// - Returns: `nil` for what two readers could take for different things: a broken escape, an encoded slash, a
    ///   control, bytes that are no UTF-8, and the segments `.` and `..`.
    static func decodedSegment(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            var byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "%") {
                guard let value = escaped(bytes, at: position), value != UInt8(ascii: "/") else { return nil }
                byte = value
                position += 2
            }
            guard byte >= 0x20, byte != 0x7F else { return nil }
            decoded.append(byte)
        }
        guard decoded != [0x2E], decoded != [0x2E, 0x2E] else { return nil }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Decodes a name or a value of a query; what is no escape stands for itself.
    static func decodedQuery(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "%"), let value = escaped(bytes[...], at: position) {
                decoded.append(value)
                position += 2
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Decodes a name or a value of a query.
    ///
    /// - Returns: `nil` for a broken escape, and for bytes that are no UTF-8.
    static func wellFormedQuery(_ text: Substring) -> String? {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "%") {
                guard let value = escaped(bytes[...], at: position) else { return nil }
                decoded.append(value)
                position += 2
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func escaped(_ bytes: ArraySlice<UInt8>, at position: Int) -> UInt8? {
        guard position + 1 < bytes.endIndex, let high = hexadecimal(bytes[position]),
            let low = hexadecimal(bytes[position + 1])
        else { return nil }
        return high << 4 | low
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
