/// The grammar of hosts, over bytes.
enum HostScanner {
    /// Where the host ends in a `Host` header: at its colon and port, or at its end.
    ///
    /// `nil` when the port is malformed.
    static func hostEnd(_ bytes: Span<UInt8>) -> Int? {
        var position = bytes.count
        // The last colon begins a port, unless it is inside the brackets of an IPv6 address.
        while position > 0 {
            position -= 1
            if bytes[position] == UInt8(ascii: "]") { return position + 1 == bytes.count ? bytes.count : nil }
            guard bytes[position] == UInt8(ascii: ":") else { continue }
            return isPort(bytes, from: position + 1) ? position : nil
        }
        return bytes.count
    }

    /// The length of the DNS name in the first `end` bytes, without a trailing dot; `nil` when it is none.
    static func nameLength(_ bytes: Span<UInt8>, end: Int) -> Int? {
        guard end > 0 else { return nil }
        let length = bytes[end - 1] == UInt8(ascii: ".") ? end - 1 : end
        guard length > 0, length <= HostName.maximumLength else { return nil }
        var labelStart = 0
        var labelIsNumeric = true
        for position in 0...length {
            if position == length || bytes[position] == UInt8(ascii: ".") {
                let labelLength = position - labelStart
                guard labelLength > 0, labelLength <= 63, bytes[labelStart] != UInt8(ascii: "-"),
                    bytes[position - 1] != UInt8(ascii: "-")
                else { return nil }
                if position == length { return labelIsNumeric ? nil : length }
                labelStart = position + 1
                labelIsNumeric = true
                continue
            }
            guard allows(bytes[position]) else { return nil }
            labelIsNumeric = labelIsNumeric && isDigit(bytes[position])
        }
        return nil
    }

    /// The byte with an upper-case ASCII letter made lower-case.
    static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isPort(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        let digits = bytes.count - start
        guard digits >= 1, digits <= 5 else { return false }
        var port = 0
        for position in start..<bytes.count {
            guard isDigit(bytes[position]) else { return false }
            port = port * 10 + Int(bytes[position] - UInt8(ascii: "0"))
        }
        return port <= 65_535
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func allows(_ byte: UInt8) -> Bool {
        switch folded(byte) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
