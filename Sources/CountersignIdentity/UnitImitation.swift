/// Recognizes a subject attribute that contains the text of an identity unit, such as the common name `x,OU=app:1`.
///
/// Countersign itself reads attributes one by one and is not fooled, but the subject is also forwarded as text, and a
/// backend that splits this text carelessly would be.
enum UnitImitation {
    /// Whether `OU=app:`, `OU=space:` or `OU=organization:` occurs inside the value, in any case, with spaces around
    /// the `=`, a quotation mark after it, or the object identifier in place of `OU`.
    static func isPresent(in attribute: NameAttribute) -> Bool {
        switch attribute.value {
        case .text(let text): isPresent(in: Array(text.utf8))
        case .encoded(let der): isPresent(in: der)
        }
    }

    private static func isPresent(in bytes: [UInt8]) -> Bool {
        for position in bytes.indices where bytes[position] == UInt8(ascii: "=") {
            var end = position
            while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
            guard names.contains(where: { hasSuffix($0, before: end, in: bytes) }) else { continue }
            var start = position + 1
            while start < bytes.count, ignorable.contains(bytes[start]) { start += 1 }
            if prefixes.contains(where: { hasPrefix($0, at: start, in: bytes) }) { return true }
        }
        return false
    }

    private static func hasSuffix(_ text: String, before end: Int, in bytes: [UInt8]) -> Bool {
        let start = end - text.utf8.count
        return start >= 0 && hasPrefix(text, at: start, in: bytes)
    }

    private static func hasPrefix(_ text: String, at start: Int, in bytes: [UInt8]) -> Bool {
        var position = start
        for expected in text.utf8 {
            guard position < bytes.count, folded(bytes[position]) == expected else { return false }
            position += 1
        }
        return true
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static let names = ["ou", "organizationalunitname", "organizationalunit", "2.5.4.11"]
    private static let prefixes = ["app:", "space:", "organization:"]
    private static let ignorable: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "\\")]
}
