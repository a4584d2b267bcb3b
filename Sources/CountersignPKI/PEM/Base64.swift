/// Base64 as RFC 4648 section 4 has it: the standard alphabet, padded, canonical.
package enum Base64 {
    /// Encodes bytes to ASCII.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let first = bytes[index]
            let second = index + 1 < bytes.count ? bytes[index + 1] : 0
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            output.append(self.alphabet[Int(first >> 2)])
            output.append(self.alphabet[Int((first & 0x03) << 4 | second >> 4)])
            output.append(
                index + 1 < bytes.count ? self.alphabet[Int((second & 0x0F) << 2 | third >> 6)] : self.padding
            )
            output.append(index + 2 < bytes.count ? self.alphabet[Int(third & 0x3F)] : self.padding)
            index += 3
        }
        return output
    }

    /// Encodes bytes for URLs and JOSE: the URL-safe alphabet, without padding (RFC 4648 section 5).
    package static func encodeURL(_ bytes: [UInt8]) -> String {
        let safe = self.encode(bytes).compactMap { character -> UInt8? in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case self.padding: nil
            default: character
            }
        }
        return String(decoding: safe, as: UTF8.self)
    }

    /// Decodes the form for URLs and JOSE, without padding and without white space.
    ///
    /// - Returns: The bytes, or nil when a character is outside the URL-safe alphabet, a single one is left over, or the
    ///   unused bits of the last character are not zero: every value has exactly one spelling.
    package static func decodeURL(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var standard = text
        for index in standard.indices {
            switch standard[index] {
            case UInt8(ascii: "-"): standard[index] = UInt8(ascii: "+")
            case UInt8(ascii: "_"): standard[index] = UInt8(ascii: "/")
            case UInt8(ascii: "+"), UInt8(ascii: "/"), self.padding: return nil
            default: break
            }
        }
        standard += [UInt8](repeating: self.padding, count: (4 - text.count % 4) % 4)
        return self.decode(standard)
    }

    /// Decodes ASCII without white space.
    ///
    /// - Returns: The bytes, or nil when a character is outside the alphabet, the padding is missing or misplaced,
    ///   or the unused bits of the last character are not zero.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let isLast = index + 4 == text.count
            guard let a = self.value(text[index]), let b = self.value(text[index + 1]) else { return nil }
            output.append(a << 2 | b >> 4)
            if isLast, text[index + 2] == self.padding {
                guard text[index + 3] == self.padding, b & 0x0F == 0 else { return nil }
                return output
            }
            guard let c = self.value(text[index + 2]) else { return nil }
            output.append(b << 4 | c >> 2)
            if isLast, text[index + 3] == self.padding {
                guard c & 0x03 == 0 else { return nil }
                return output
            }
            guard let d = self.value(text[index + 3]) else { return nil }
            output.append(c << 6 | d)
            index += 4
        }
        return output
    }

    /// Whether the byte is in the alphabet or the padding sign.
    package static func isCharacter(_ byte: UInt8) -> Bool {
        self.value(byte) != nil || byte == self.padding
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static let padding = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
