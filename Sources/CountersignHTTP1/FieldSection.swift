/// The field lines of a head, from the end of the start line through the blank line (RFC 9112 section 5).
enum FieldSection {
    /// Scans the section that begins at `start`; returns the offset after the blank line.
    ///
    /// - Parameters:
    ///   - fields: emptied first, its storage kept; filled with the lines in order.
    ///   - facts: reset first; filled with what the lines say.
    @inline(__always)
    static func scan(
        _ bytes: Span<UInt8>,
        from start: Int,
        limits: HeadLimits,
        fields: inout [HeaderField],
        facts: inout FieldFacts
    ) throws(ScanInterruption) -> Int {
        fields.removeAll(keepingCapacity: true)
        facts.reset()
        var offset = start
        while true {
            guard offset < bytes.count else {
                throw .needMore
            }
            if bytes[offset] == .carriageReturn {
                break
            }
            guard fields.count < limits.maxHeaderCount else {
                throw .violation(.tooManyFields, at: offset)
            }
            let window = LineWindow(
                bytes.count,
                lineAt: offset,
                maxLine: limits.maxHeaderLineBytes,
                excess: .fieldLineTooLong,
                maxHead: limits.maxHeadBytes
            )
            let field = try FieldLine.scan(bytes, at: offset, isFirst: offset == start, window: window)
            fields.append(field)
            try facts.note(field, in: bytes)
            offset = field.line.end
        }
        let end = try bytes.endOfLine(at: offset)
        guard end <= limits.maxHeadBytes else {
            throw .violation(.headTooLarge, at: limits.maxHeadBytes)
        }
        facts.connection.mark(bytes, in: &fields)
        return end
    }
}
