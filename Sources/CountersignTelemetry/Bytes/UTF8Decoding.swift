/// Strict decoding of UTF-8, one scalar at a time, from bytes that may not be UTF-8 at all.
enum UTF8Decoding {
    /// Decodes the scalar that starts at `index`.
    ///
    /// Overlong forms, surrogates and values above U+10FFFF are ill-formed (Unicode, table 3-7).
    ///
    /// - Parameters:
    ///   - text: The bytes.
    ///   - index: A valid index into `text`.
    /// - Returns: The scalar and its length; or nil and the length of the ill-formed sequence, which is at least 1.
    static func scalar(in text: Span<UInt8>, at index: Int) -> (scalar: UInt32?, length: Int) {
        let lead = text[index]
        let (length, second) = Self.shape(ofLead: lead)
        guard length > 1 else { return lead < 0x80 ? (UInt32(lead), 1) : (nil, 1) }
        guard index + 1 < text.count, second.contains(text[index + 1]) else { return (nil, 1) }
        var value = (UInt32(lead) & (0x7F >> UInt32(length))) << 6 | UInt32(text[index + 1] & 0x3F)
        for offset in 2..<max(length, 2) {
            guard index + offset < text.count, text[index + offset] & 0xC0 == 0x80 else { return (nil, offset) }
            value = value << 6 | UInt32(text[index + offset] & 0x3F)
        }
        return (value, length)
    }

    /// The length of a sequence and the range of its second byte; length 1 for ASCII and for bytes that cannot lead.
    private static func shape(ofLead lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>) {
        switch lead {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: (1, 0x80...0xBF)
        }
    }
}
