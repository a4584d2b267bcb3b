/// Reads the text form of an IP address.
struct IPAddressScanner {
    private let length: Int
    private var position = 0

    init(length: Int) {
        self.length = length
    }

    mutating func scan(_ text: Span<UInt8>) -> IPAddress? {
        var hasColon = false
        for position in text.indices where text[position] == UInt8(ascii: ":") { hasColon = true }
        if hasColon { return scanV6(text) }
        guard let value = scanV4(text) else { return nil }
        return IPAddress(v4: value)
    }

    /// Four decimal numbers up to the end of the text.
    private mutating func scanV4(_ text: Span<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for index in 0..<4 {
            if index > 0, !take(UInt8(ascii: "."), text) { return nil }
            let start = position
            var number: UInt32 = 0
            while position < length, position < start + 3, let digit = decimalDigit(text[position]) {
                number = number * 10 + digit
                position += 1
            }
            // A leading zero reads as octal elsewhere, so that two programs would see two addresses.
            guard position > start, number <= 255, position == start + 1 || text[start] != UInt8(ascii: "0") else {
                return nil
            }
            value = value << 8 | number
        }
        return position == length ? value : nil
    }

    private mutating func scanV6(_ text: Span<UInt8>) -> IPAddress? {
        var head: UInt128 = 0
        var groups = 0
        var groupsBeforeGap: Int?
        if take(UInt8(ascii: ":"), text) {
            guard take(UInt8(ascii: ":"), text) else { return nil }
            groupsBeforeGap = 0
        }
        while position < length {
            guard groups < 8 else { return nil }
            if groups <= 6, isDottedQuad(text) {
                guard let quad = scanV4(text) else { return nil }
                head = head << 32 | UInt128(quad)
                groups += 2
                break
            }
            guard let group = scanGroup(text) else { return nil }
            head = head << 16 | UInt128(group)
            groups += 1
            if position == length { break }
            guard take(UInt8(ascii: ":"), text) else { return nil }
            if take(UInt8(ascii: ":"), text) {
                guard groupsBeforeGap == nil else { return nil }
                groupsBeforeGap = groups
            } else if position == length {
                return nil
            }
        }
        guard let before = groupsBeforeGap else {
            return groups == 8 ? IPAddress(family: .v6, value: head) : nil
        }
        // `::` stands for one zero group at least.
        guard groups < 8 else { return nil }
        let tailBits = UInt128((groups - before) * 16)
        let tail = head & ((1 << tailBits) - 1)
        let high = before == 0 ? 0 : (head >> tailBits) << UInt128((8 - before) * 16)
        return IPAddress(family: .v6, value: high | tail)
    }

    private mutating func scanGroup(_ text: Span<UInt8>) -> UInt16? {
        let start = position
        var group: UInt16 = 0
        while position < length, position < start + 4, let digit = hexadecimalDigit(text[position]) {
            group = group << 4 | digit
            position += 1
        }
        return position > start ? group : nil
    }

    /// Whether a `.` comes before the next `:`.
    private func isDottedQuad(_ text: Span<UInt8>) -> Bool {
        for index in position..<length {
            if text[index] == UInt8(ascii: ".") { return true }
            if text[index] == UInt8(ascii: ":") { return false }
        }
        return false
    }

    private mutating func take(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
        guard position < length, text[position] == byte else { return false }
        position += 1
        return true
    }

    private func decimalDigit(_ byte: UInt8) -> UInt32? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? UInt32(byte - UInt8(ascii: "0")) : nil
    }

    private func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
