/// A response head of an upstream, written as HTTP/1.1 does (RFC 9113 section 8.3.2).
struct ResponseMessage {
    /// The status, 100 to 599.
    let status: Int
    /// The length that the content must have; negative where none is said.
    let contentLength: Int64

    /// Writes the head in place of what `output` holds.
    init(_ block: FieldBlock, to output: inout [UInt8]) throws(HTTP2Violation) {
        let bytes = block.bytes.span
        guard let first = block.fields.first, bytes.equals(first.name, ":status"), first.value.count == 3,
            let status = MessageField.length(bytes, first.value), (100...599).contains(status), status != 101
        else { throw .malformedPseudoField }
        output.removeAll(keepingCapacity: true)
        output.append("HTTP/1.1 ")
        output.append(bytes, first.value)
        output.append(" \r\n")
        var length: Int64?
        for field in block.fields.dropFirst() {
            try MessageField.check(bytes, value: field.value)
            switch try MessageField.kind(bytes, field.name) {
            case .connectionSpecific, .te: throw .connectionSpecificField
            case .contentLength: length = try MessageField.contentLength(bytes, field.value)
            case .host, .cookie, .other: break
            }
            RequestMessage.writeLine(bytes, field, to: &output)
        }
        output.append("\r\n")
        self.status = Int(status)
        self.contentLength = length ?? -1
    }
}
