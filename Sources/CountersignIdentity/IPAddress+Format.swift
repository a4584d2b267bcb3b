extension IPAddress {
    /// Emits the canonical text byte by byte, at most 39 of them.
    func format(_ emit: (UInt8) -> Void) {
        switch family {
        case .v4:
            formatV4(emit)
        case .v6 where value >> 32 == 0xFFFF:
            // RFC 5952, section 5: the mapped prefix is the one that is written with an embedded IPv4 address.
            for byte in "::ffff:".utf8 { emit(byte) }
            formatV4(emit)
        case .v6:
            formatV6(emit)
        }
    }

    private func formatV4(_ emit: (UInt8) -> Void) {
        for index in 0..<4 {
            if index > 0 { emit(UInt8(ascii: ".")) }
            let number = UInt8(truncatingIfNeeded: value >> UInt128(24 - index * 8))
            if number >= 100 { emit(UInt8(ascii: "0") + number / 100) }
            if number >= 10 { emit(UInt8(ascii: "0") + number / 10 % 10) }
            emit(UInt8(ascii: "0") + number % 10)
        }
    }

    private func formatV6(_ emit: (UInt8) -> Void) {
        let gap = longestZeroRun()
        var index = 0
        var needsSeparator = false
        while index < 8 {
            if index == gap.start, gap.length >= 2 {
                emit(UInt8(ascii: ":"))
                emit(UInt8(ascii: ":"))
                index += gap.length
                needsSeparator = false
                continue
            }
            if needsSeparator { emit(UInt8(ascii: ":")) }
            formatGroup(group(index), emit)
            needsSeparator = true
            index += 1
        }
    }

    private func formatGroup(_ group: UInt16, _ emit: (UInt8) -> Void) {
        var started = false
        for shift in stride(from: 12 as UInt16, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: group >> shift) & 15
            started = started || digit != 0 || shift == 0
            if started { emit(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10) }
        }
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: value >> UInt128(112 - index * 16))
    }

    /// The first of the longest runs of zero groups.
    private func longestZeroRun() -> (start: Int, length: Int) {
        var best = (start: 8, length: 0)
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, group(end) == 0 { end += 1 }
            if end - start > best.length { best = (start, end - start) }
            start = max(end, start + 1)
        }
        return best
    }
}
