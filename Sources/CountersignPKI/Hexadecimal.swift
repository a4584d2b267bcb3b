/// Lower-case hexadecimal text.
package enum Hexadecimal {
    /// Two digits for every byte, without separators.
    package static func text(of bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        for byte in bytes {
            output.append(self.digits[Int(byte >> 4)])
            output.append(self.digits[Int(byte & 0x0F)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Two upper-case digits for every byte, with colons between, as certificate tools show fingerprints.
    package static func fingerprint(of bytes: some Sequence<UInt8>) -> String {
        var output = ""
        for byte in bytes {
            if !output.isEmpty { output += ":" }
            output += self.text(of: [byte]).uppercased()
        }
        return output
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

    private static let digits = Array("0123456789abcdef".utf8)
}
