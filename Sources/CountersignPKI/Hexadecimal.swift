/// Hexadecimal text: lower-case, where nothing else is said.
package enum Hexadecimal {
    /// Two digits for every byte, without separators.
    package static func text(of bytes: [UInt8]) -> String {
        self.text(of: bytes, self.lowerDigits)
    }

    /// Two upper-case digits for every byte, without separators.
    package static func upperText(of bytes: [UInt8]) -> String {
        self.text(of: bytes, self.upperDigits)
    }

    /// Two upper-case digits for every byte, with colons between, as certificate tools show fingerprints.
    package static func fingerprint(of bytes: [UInt8]) -> String {
        self.text(of: bytes, self.upperDigits, separator: UInt8(ascii: ":"))
    }

    private static func text(of bytes: [UInt8], _ digits: [UInt8], separator: UInt8? = nil) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * (separator == nil ? 2 : 3))
        for byte in bytes {
            if let separator, !output.isEmpty { output.append(separator) }
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 0x0F)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The bytes of a text of digits in either case, two for every byte; nil when it is none.
    package static func bytes(of text: String) -> [UInt8]? {
        var output: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high { output.append(first << 4 | digit) }
            high = high == nil ? digit : nil
        }
        return high == nil ? output : nil
    }

    private static let lowerDigits = Array("0123456789abcdef".utf8)
    private static let upperDigits = Array("0123456789ABCDEF".utf8)
}
