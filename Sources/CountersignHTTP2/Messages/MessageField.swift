/// What every field of a message has to be (RFC 9113 section 8.2).
enum MessageField {
    /// A field that has a meaning for the translation of messages, or may not stand in one.
    enum Kind {
        case connectionSpecific
        case te
        case host
        case cookie
        case contentLength
        case other
    }

    /// Tells what a name means, and checks that it is a token in lower case.
    static func kind(_ bytes: Span<UInt8>, _ name: Range<Int>) throws(HTTP2Violation) -> Kind {
        guard !name.isEmpty else { throw .malformedField }
        for index in name {
            guard isNameByte(bytes[index]) else { throw .malformedField }
        }
        switch name.count {
        case 2 where bytes.equals(name, "te"): return .te
        case 4 where bytes.equals(name, "host"): return .host
        case 6 where bytes.equals(name, "cookie"): return .cookie
        case 7 where bytes.equals(name, "upgrade"): return .connectionSpecific
        case 10 where bytes.equals(name, "connection") || bytes.equals(name, "keep-alive"): return .connectionSpecific
        case 14 where bytes.equals(name, "content-length"): return .contentLength
        case 16 where bytes.equals(name, "proxy-connection"): return .connectionSpecific
        case 17 where bytes.equals(name, "transfer-encoding"): return .connectionSpecific
        default: return .other
        }
    }

    /// Checks that a value has no controls and no whitespace around it.
    static func check(_ bytes: Span<UInt8>, value: Range<Int>) throws(HTTP2Violation) {
        guard let first = value.first, let last = value.last else { return }
        guard !isBlank(bytes[first]), !isBlank(bytes[last]) else { throw .malformedField }
        for index in value {
            let byte = bytes[index]
            guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { throw .malformedField }
        }
    }

    /// The length that a Content-Length says; nil for what is no number, which the scanner will refuse.
    ///
    /// - Throws: `malformedField` for more than 18 digits: the scanner would read a length that nobody holds the content to.
    static func contentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTP2Violation) -> Int64? {
        if let length = length(bytes, value) { return length }
        for index in value where bytes[index] &- 0x30 >= 10 { return nil }
        throw .malformedField
    }

    /// The number that one to 18 digits say; nil for anything else.
    static func length(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Int64? {
        guard (1...18).contains(value.count) else { return nil }
        var length: Int64 = 0
        for index in value {
            guard bytes[index] &- 0x30 < 10 else { return nil }
            length = length * 10 + Int64(bytes[index] &- 0x30)
        }
        return length
    }

    @inline(__always)
    private static func isNameByte(_ byte: UInt8) -> Bool {
        if byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D { return true }
        switch byte {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: return true
        default: return false
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
