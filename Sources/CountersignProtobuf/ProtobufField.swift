/// One field as it stands on the wire (Protocol Buffers, "Encoding").
package struct ProtobufField: Equatable, Sendable {
    /// What a field holds, by its wire type.
    package enum Value: Equatable, Sendable {
        /// int32, int64, uint32, uint64, sint32, sint64, bool, enum.
        case varint(UInt64)
        /// fixed64, sfixed64, double.
        case fixed64(UInt64)
        /// string, bytes, embedded messages, packed repeated fields.
        case bytes(ArraySlice<UInt8>)
        /// fixed32, sfixed32, float.
        case fixed32(UInt32)
    }

    /// The field's number, from 1 to 2^29-1.
    package let number: Int
    /// What it holds.
    package let value: Value

    /// Makes a field.
    package init(number: Int, value: Value) {
        self.number = number
        self.value = value
    }

    /// The content of a string, bytes or message field.
    ///
    /// - Throws: ``ProtobufError/unexpectedWireType(field:)``.
    package func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
        guard case .bytes(let content) = value else { throw .unexpectedWireType(field: number) }
        return content
    }

    /// The content of a string field.
    ///
    /// - Throws: ``ProtobufError`` when it is of another wire type or not UTF-8.
    package func text() throws(ProtobufError) -> String {
        guard let text = String(validating: try bytes(), as: UTF8.self) else { throw .invalidText(field: number) }
        return text
    }

    /// The number of an integer, enum or bool field.
    ///
    /// - Throws: ``ProtobufError/unexpectedWireType(field:)``.
    package func integer() throws(ProtobufError) -> UInt64 {
        guard case .varint(let number) = value else { throw .unexpectedWireType(field: self.number) }
        return number
    }
}
