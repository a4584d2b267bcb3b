import CountersignHTTP1

/// Takes trailer sections apart that are kept as lines, each with its CRLF and checked when it came.
enum TrailerLines {
    /// Calls `body` with the places of each line's name and value.
    static func forEach(_ lines: Span<UInt8>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        var start = 0
        while start < lines.count {
            var end = start
            while end < lines.count, lines[end] != 0x0D { end += 1 }
            var colon = start
            while colon < end, lines[colon] != 0x3A { colon += 1 }
            if colon > start, colon < end { body(start..<colon, trimmed(lines, colon + 1..<end)) }
            start = end + 2
        }
    }

    private static func trimmed(_ lines: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(lines[start]) { start += 1 }
        while end > start, isBlank(lines[end - 1]) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
