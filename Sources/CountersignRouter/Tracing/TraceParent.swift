/// Reads the value of a `traceparent` field (W3C Trace Context, section 3.2).
///
/// A value that breaks any rule is none: the trace begins anew then, and `tracestate` is dropped with it.
struct TraceParent {
    /// Where the trace's id begins in every value, and how long it is.
    static let idOffset = 3
    static let idLength = 32
    /// The length of a value of version 00.
    static let length = 55

    /// The flags that are known: sampled, and that the id is random.
    let flags: UInt8

    /// Checks a value; `nil` for one that is not valid.
    init?(_ value: Span<UInt8>) {
        guard value.count >= Self.length, value[2] == Self.dash, value[35] == Self.dash, value[52] == Self.dash else {
            return nil
        }
        guard let version = Self.byte(value, at: 0), version != 0xFF else { return nil }
        // Later versions may go on behind another dash, and are read as far as this one is known.
        guard value.count == Self.length || version > 0 && value[Self.length] == Self.dash else { return nil }
        guard Self.isID(value, 3..<35), Self.isID(value, 36..<52), let flags = Self.byte(value, at: 53) else {
            return nil
        }
        self.flags = flags & Self.known
    }

    /// Lower-case hexadecimal digits, not all of them zero.
    private static func isID(_ value: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var isZero = true
        for index in range {
            guard let digit = digit(value[index]) else { return false }
            if digit != 0 { isZero = false }
        }
        return !isZero
    }

    private static func byte(_ value: Span<UInt8>, at offset: Int) -> UInt8? {
        guard let high = digit(value[offset]), let low = digit(value[offset + 1]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static let dash: UInt8 = 0x2D
    private static let known: UInt8 = 0x03
}
