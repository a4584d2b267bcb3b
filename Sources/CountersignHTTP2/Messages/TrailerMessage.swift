/// A trailer section, written as lines of HTTP/1.1 (RFC 9113 section 8.1).
enum TrailerMessage {
    /// Writes the lines in place of what `output` holds; which of them may pass is for the reader to say.
    static func write(_ block: FieldBlock, to output: inout [UInt8]) throws(HTTP2Violation) {
        let bytes = block.bytes.span
        output.removeAll(keepingCapacity: true)
        for field in block.fields {
            if let first = field.name.first, bytes[first] == UInt8(ascii: ":") { throw .malformedTrailers }
            try MessageField.check(bytes, value: field.value)
            guard try MessageField.kind(bytes, field.name) != .connectionSpecific else {
                throw .connectionSpecificField
            }
            RequestMessage.writeLine(bytes, field, to: &output)
        }
    }
}
