/// One field line of a head or a trailer section (RFC 9112 section 5).
enum FieldLine {
    /// Scans the line that begins at `start`, which is within the bytes and is no CR.
    ///
    /// - Parameter isFirst: whether it is the first line after the start line.
    /// - Throws: `needMore` where the bytes end before the line does, or what is wrong with the line.
    @inline(__always)
    static func scan(
        _ bytes: Span<UInt8>,
        at start: Int,
        isFirst: Bool,
        window: LineWindow
    ) throws(ScanInterruption) -> HeaderField {
        let nameEnd = bytes.endOfToken(from: start)
        guard nameEnd < window.end else {
            throw window.interruption
        }
        guard bytes[nameEnd] == .colon, nameEnd > start else {
            throw nameInterruption(bytes, start, nameEnd, isFirst: isFirst)
        }
        var valueStart = nameEnd &+ 1
        while valueStart < window.end, bytes[valueStart].isWhitespace {
            valueStart &+= 1
        }
        var stop = bytes.endOfContent(from: valueStart)
        while stop < window.end, bytes[stop] == .tab {
            stop = bytes.endOfContent(from: stop &+ 1)
        }
        guard stop < window.end else {
            throw window.interruption
        }
        let lineEnd = try bytes.endOfLine(at: stop)
        var valueEnd = stop
        while valueEnd > valueStart, bytes[valueEnd &- 1].isWhitespace {
            valueEnd &-= 1
        }
        return HeaderField(
            start: start,
            nameEnd: nameEnd,
            value: ByteRange(start: valueStart, end: valueEnd),
            lineEnd: lineEnd,
            kind: FieldKind(bytes, name: ByteRange(start: start, end: nameEnd))
        )
    }

    /// Whether the value of `field` has spaces before it at most, no tab, and nothing between it and the CRLF.
    ///
    /// Recipients disagree on what other whitespace around a framing value means, and the line is forwarded as it is.
    static func isPlainlySpaced(_ bytes: Span<UInt8>, _ field: HeaderField) -> Bool {
        var offset = field.name.end &+ 1
        while offset < field.value.start {
            guard bytes[offset] == .space else {
                return false
            }
            offset &+= 1
        }
        return field.value.end == field.line.end &- 2
    }

    /// Whether the name of `field` is that of a framing field with `_` for `-`, which backends that turn field names
    /// into variable names take for the framing field itself.
    @inline(__always)
    static func isDisguisedFraming(_ bytes: Span<UInt8>, _ field: HeaderField) -> Bool {
        let length = field.name.count
        guard field.kind == .other, length == 14 || length == 17 else {
            return false
        }
        return spellsFramingWithUnderscore(bytes, field.name)
    }

    @inline(never)
    private static func spellsFramingWithUnderscore(_ bytes: Span<UInt8>, _ name: ByteRange) -> Bool {
        bytes.equalIgnoringCase(name, "content_length") || bytes.equalIgnoringCase(name, "transfer_encoding")
    }

    /// What is wrong with a name that ends at `end`, where there is no colon or no name.
    @inline(never)
    private static func nameInterruption(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        isFirst: Bool
    ) -> ScanInterruption {
        if bytes[end] == .colon {
            return .violation(.emptyFieldName, at: end)
        }
        guard bytes[end].isWhitespace else {
            return bytes.interruption(at: end, otherwise: .malformedFieldName)
        }
        if end == start {
            return .violation(isFirst ? .leadingWhitespace : .lineFolding, at: end)
        }
        var offset = end
        while let byte = bytes.byte(at: offset), byte.isWhitespace {
            offset &+= 1
        }
        guard let next = bytes.byte(at: offset) else {
            return .needMore
        }
        return .violation(next == .colon ? .spaceBeforeColon : .malformedFieldName, at: end)
    }
}
