/// Reads the fields of a message one after the other; whoever reads takes those that it knows and passes over the rest.
///
/// A field that may occur once and comes again replaces the former one, which is for the caller to do. Groups, which the
/// encoding has left behind, are refused.
package struct ProtobufReader {
    private var rest: ArraySlice<UInt8>

    /// Reads a message that is whole.
    package init(_ message: ArraySlice<UInt8>) {
        self.rest = message
    }

    /// Reads a message that is whole.
    package init(_ message: [UInt8]) {
        self.rest = message[...]
    }

    /// The next field; `nil` at the end of the message.
    ///
    /// - Throws: ``ProtobufError``; nothing after it can be read.
    package mutating func next() throws(ProtobufError) -> ProtobufField? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        let number = tag >> 3
        guard number >= 1, number <= Self.largestNumber else { throw .invalidFieldNumber }
        let value: ProtobufField.Value
        switch tag & 7 {
        case 0: value = .varint(try varint())
        case 1: value = .fixed64(try littleEndian(8))
        case 2: value = .bytes(try take(try varint()))
        case 5: value = .fixed32(UInt32(truncatingIfNeeded: try littleEndian(4)))
        default: throw .unsupportedWireType
        }
        return ProtobufField(number: Int(number), value: value)
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            // The tenth byte holds the last bit of 64.
            guard shift < 63 || byte <= 1 else { throw .malformedVarint }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated
    }

    private mutating func littleEndian(_ count: UInt64) throws(ProtobufError) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: UInt64) throws(ProtobufError) -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else { throw .truncated }
        let taken = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        return taken
    }

    private static let largestNumber: UInt64 = 536_870_911
}
