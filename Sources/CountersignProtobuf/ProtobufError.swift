/// Why bytes are no message of Protocol Buffers.
package enum ProtobufError: Error, Equatable, Sendable {
    /// The bytes end inside of a field.
    case truncated
    /// A varint is longer than ten bytes, or holds more than 64 bits.
    case malformedVarint
    /// A field has the number 0, or one above 2^29-1.
    case invalidFieldNumber
    /// A field has a wire type that is not in use, or the group types, which are obsolete.
    case unsupportedWireType
    /// A field is of another wire type than its message says.
    case unexpectedWireType(field: Int)
    /// A string is not UTF-8.
    case invalidText(field: Int)
}

extension ProtobufError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "the message ends inside of a field"
        case .malformedVarint: "a number of the message is longer than 64 bits"
        case .invalidFieldNumber: "a field's number is outside of 1 to 536870911"
        case .unsupportedWireType: "a field is of a wire type that is not in use"
        case .unexpectedWireType(let field): "field \(field) is of another type than the message says"
        case .invalidText(let field): "field \(field) is not UTF-8"
        }
    }
}
