import Testing

@testable import CountersignTelemetry

@Suite struct ByteWriterTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 255, 65_536, 999_999_999, 1_000_000_000, UInt64.max])
    func `writes decimals as the standard library does`(value: UInt64) {
        var writer = ByteWriter()
        writer.append(0x78)
        writer.append(decimal: value)
        writer.append(0x79)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "x\(value)y")
    }

    @Test func `pads and cuts decimals to their width`() {
        var writer = ByteWriter()
        writer.append(decimal: 7, width: 3)
        writer.append(decimal: 12_345, width: 3)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "007345")
    }

    @Test func `copies pieces of every length without touching their neighbours`() {
        var writer = ByteWriter()
        var expected: [UInt8] = []
        for length in 0..<140 {
            let piece = (0..<length).map { UInt8(($0 * 7 + length) & 0xFF) }
            writer.append(piece.span)
            expected += piece
        }
        #expect(writer.bytes == expected)
        #expect(writer.capacity >= expected.count)
    }

    @Test func `keeps its memory on reset unless it has grown too far`() {
        var writer = ByteWriter(capacity: 64)
        writer.append(text: String(repeating: "a", count: 10_000))
        writer.reset()
        #expect(writer.isEmpty && writer.capacity >= 10_000)
        writer.reset(keeping: 128)
        #expect(writer.capacity == 128)
        writer.append("still usable")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "still usable")
    }

    @Test func `appends parts of another writer and clamps the range`() {
        var source = ByteWriter()
        source.append("0123456789")
        var writer = ByteWriter()
        writer.append(source, from: 2, to: 5)
        writer.append(source, from: 8, to: 100)
        writer.append(source, from: 11, to: 12)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "23489")
    }
}
