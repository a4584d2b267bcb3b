/// Writes a message field by field.
///
/// As proto3 has it, a field that holds its default (zero, false, an empty string) is left out; what has to be there
/// whatever it holds, as an element of a repeated field or a member of a oneof, is written by the methods named `always`.
package struct ProtobufWriter {
    /// What was written.
    package private(set) var bytes: [UInt8] = []

    /// Begins an empty message.
    package init() {}

    /// Writes a string that is not empty.
    package mutating func write(_ number: Int, _ text: String) {
        if !text.isEmpty { writeAlways(number, text) }
    }

    /// Writes bytes that are not empty.
    package mutating func write(_ number: Int, _ content: [UInt8]) {
        if !content.isEmpty { writeAlways(number, content) }
    }

    /// Writes an integer or enum that is not 0; negative ones as 64 bits of two's complement.
    package mutating func write(_ number: Int, _ value: Int64) {
        guard value != 0 else { return }
        writeTag(number, 0)
        writeVarint(UInt64(bitPattern: value))
    }

    /// Writes a bool that is true.
    package mutating func write(_ number: Int, _ value: Bool) {
        write(number, value ? Int64(1) : 0)
    }

    /// Writes a double, 0 included.
    package mutating func writeAlways(_ number: Int, _ value: Double) {
        writeTag(number, 1)
        let bits = value.bitPattern
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    /// Writes a string, an empty one too.
    package mutating func writeAlways(_ number: Int, _ text: String) {
        writeAlways(number, Array(text.utf8))
    }

    /// Writes a bool, false too.
    package mutating func writeAlways(_ number: Int, _ value: Bool) {
        writeTag(number, 0)
        bytes.append(value ? 1 : 0)
    }

    /// Writes an integer or enum, 0 too.
    package mutating func writeAlways(_ number: Int, _ value: Int64) {
        writeTag(number, 0)
        writeVarint(UInt64(bitPattern: value))
    }

    /// Writes bytes, none too.
    package mutating func writeAlways(_ number: Int, _ content: [UInt8]) {
        writeTag(number, 2)
        writeVarint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Writes a message inside of this one, an empty one too.
    package mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        writeAlways(number, inner.bytes)
    }

    /// Writes an entry of a map whose keys are strings.
    package mutating func entry(_ number: Int, key: String, _ body: (inout ProtobufWriter) -> Void) {
        message(number) { inner in
            inner.write(1, key)
            body(&inner)
        }
    }

    private mutating func writeTag(_ number: Int, _ wireType: UInt64) {
        writeVarint(UInt64(truncatingIfNeeded: number) << 3 | wireType)
    }

    private mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
