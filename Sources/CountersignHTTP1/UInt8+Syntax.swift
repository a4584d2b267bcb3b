extension UInt8 {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var comma: UInt8 { 0x2C }
    static var colon: UInt8 { 0x3A }
    static var semicolon: UInt8 { 0x3B }

    /// Whether the byte is optional whitespace (RFC 9110 section 5.6.3).
    @inline(__always)
    package var isWhitespace: Bool { self == .space || self == .tab }

    /// Whether the byte is one of `0` to `9`.
    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// Whether the byte is an ASCII letter.
    @inline(__always)
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// The byte with an upper-case ASCII letter made lower-case.
    @inline(__always)
    package var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit; nil for any other byte.
    @inline(__always)
    var hexadecimalValue: UInt8? {
        if isDigit {
            return self &- 0x30
        }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// Whether the byte is a control or DEL and not HTAB, so that it may stand nowhere in a head.
    @inline(__always)
    var isForbiddenControl: Bool { (self < 0x20 && self != .tab) || self == 0x7F }

    /// Whether the byte is a token character that is neither a letter, a digit nor `-` nor `.`: one of
    /// ``!#$%&'*+^_`|~`` (RFC 9110 section 5.6.2).
    var isUncommonTokenByte: Bool {
        switch self {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
