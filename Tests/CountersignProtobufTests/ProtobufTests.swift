import CountersignProtobuf
import Testing

/// The examples are those of the document "Encoding" of Protocol Buffers.
@Suite struct ProtobufTests {
    @Test func `writes a varint as the document does`() {
        var writer = ProtobufWriter()
        writer.write(1, Int64(150))
        #expect(writer.bytes == [0x08, 0x96, 0x01])
    }

    @Test func `writes text as the document does`() {
        var writer = ProtobufWriter()
        writer.write(2, "testing")
        #expect(writer.bytes == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    }

    @Test func `writes a message inside as the document does`() {
        var writer = ProtobufWriter()
        writer.message(3) { $0.write(1, Int64(150)) }
        #expect(writer.bytes == [0x1A, 0x03, 0x08, 0x96, 0x01])
    }

    @Test func `leaves defaults out and writes them where asked`() {
        var writer = ProtobufWriter()
        writer.write(1, "")
        writer.write(2, Int64(0))
        writer.write(3, false)
        writer.write(4, [UInt8]())
        #expect(writer.bytes.isEmpty)
        writer.writeAlways(1, "")
        writer.writeAlways(3, false)
        #expect(writer.bytes == [0x0A, 0x00, 0x18, 0x00])
    }

    @Test func `writes a negative number in ten bytes`() throws {
        var writer = ProtobufWriter()
        writer.write(1, Int64(-2))
        #expect(writer.bytes == [0x08, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
        var reader = ProtobufReader(writer.bytes)
        #expect(try reader.next()?.integer() == UInt64(bitPattern: -2))
    }

    @Test func `reads every wire type`() throws {
        let bytes: [UInt8] =
            [0x08, 0x96, 0x01] + [0x11, 1, 0, 0, 0, 0, 0, 0, 0x80] + [0x1A, 2, 7, 8] + [0x25, 0x78, 0x56, 0x34, 0x12]
        var reader = ProtobufReader(bytes)
        #expect(try reader.next() == ProtobufField(number: 1, value: .varint(150)))
        #expect(try reader.next() == ProtobufField(number: 2, value: .fixed64(0x8000_0000_0000_0001)))
        #expect(try reader.next()?.bytes() == [7, 8])
        #expect(try reader.next() == ProtobufField(number: 4, value: .fixed32(0x1234_5678)))
        #expect(try reader.next() == nil)
    }

    @Test(
        arguments: [
            ([0x08], ProtobufError.truncated),
            ([0x08, 0x80], .truncated),
            ([0x12, 0x05, 0x61], .truncated),
            ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
            ([0x09, 1, 2, 3], .truncated),
            ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], .malformedVarint),
            ([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], .malformedVarint),
            ([0x00, 0x01], .invalidFieldNumber),
            ([0x0B], .unsupportedWireType),
            ([0x0E], .unsupportedWireType),
        ] as [([UInt8], ProtobufError)]
    )
    func `refuses what is malformed`(bytes: [UInt8], error: ProtobufError) {
        var reader = ProtobufReader(bytes)
        #expect(throws: error) { try reader.next() }
    }

    @Test func `refuses a field of another type`() throws {
        var reader = ProtobufReader([0x08, 0x01, 0x12, 0x01, 0xFF])
        let number = try #require(try reader.next())
        #expect(throws: ProtobufError.unexpectedWireType(field: 1)) { try number.text() }
        let text = try #require(try reader.next())
        #expect(throws: ProtobufError.unexpectedWireType(field: 2)) { try text.integer() }
        #expect(throws: ProtobufError.invalidText(field: 2)) { try text.text() }
    }

    @Test func `reads no bytes as an empty message`() throws {
        var reader = ProtobufReader([])
        #expect(try reader.next() == nil)
    }
}
