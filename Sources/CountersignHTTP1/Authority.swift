/// A host with an optional port, as it stands in a Host field or a request target.
///
/// It takes less than RFC 3986 section 3.2 does: a name of letters, digits, `-`, `_` and `.` without empty labels, an
/// IPv4 address or a bracketed IPv6 address. User information, percent-encoding, other characters and an empty host
/// would be read differently by a router and a backend.
struct Authority {
    /// The host without the port; with its brackets when it is an IPv6 address.
    let host: ByteRange

    /// Whether a port follows the host.
    let hasPort: Bool

    /// The longest host, in bytes: that of a DNS name with its final dot, and more than any address.
    static var maxHostBytes: Int { 254 }

    /// Checks the authority at `range`; nil when it is not one.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, _ range: ByteRange) {
        guard !range.isEmpty else {
            return nil
        }
        let end =
            bytes[range.start] == 0x5B
            ? Self.endOfAddress(bytes, range) : Self.endOfName(bytes, range)
        guard let end, end &- range.start <= Self.maxHostBytes else {
            return nil
        }
        guard end == range.end || Self.isPort(bytes, ByteRange(start: end, end: range.end)) else {
            return nil
        }
        self.host = ByteRange(start: range.start, end: end)
        self.hasPort = end != range.end
    }

    @inline(__always)
    private static func endOfName(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        var offset = range.start
        var labelStart = offset
        while offset < range.end {
            let byte = bytes[offset]
            if byte == 0x2E {
                guard offset != labelStart else {
                    return nil
                }
                labelStart = offset &+ 1
            } else if !(byte.isLetter || byte.isDigit || byte == 0x2D || byte == 0x5F) {
                break
            }
            offset &+= 1
        }
        return offset == range.start ? nil : offset
    }

    /// The offset after the bracket that ends an IPv6 address; only the characters and the colons are looked at.
    @inline(never)
    private static func endOfAddress(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        var offset = range.start &+ 1
        var colons = 0
        while offset < range.end {
            let byte = bytes[offset]
            if byte == 0x5D {
                return colons >= 2 ? offset &+ 1 : nil
            }
            guard byte == .colon || byte == 0x2E || byte.hexadecimalValue != nil else {
                return nil
            }
            colons &+= byte == .colon ? 1 : 0
            offset &+= 1
        }
        return nil
    }

    /// Whether `range` is a colon and a number from 1 to 65535 in at most five digits.
    private static func isPort(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        guard bytes[range.start] == .colon, range.count >= 2, range.count <= 6 else {
            return false
        }
        var port = 0
        var offset = range.start &+ 1
        while offset < range.end {
            guard bytes[offset].isDigit else {
                return false
            }
            port = port &* 10 &+ Int(bytes[offset] &- 0x30)
            offset &+= 1
        }
        return port >= 1 && port <= 65_535
    }
}
