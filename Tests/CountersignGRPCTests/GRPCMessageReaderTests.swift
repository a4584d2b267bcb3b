import CountersignGRPC
import Testing

@Suite struct GRPCMessageReaderTests {
    @Test func `cuts content into messages wherever it was cut before`() throws {
        let content =
            GRPCMessageReader.framed([1, 2, 3]) + GRPCMessageReader.framed([]) + GRPCMessageReader.framed([4])
        for cut in 0...content.count {
            var reader = GRPCMessageReader(maximum: 100)
            var messages: [[UInt8]] = []
            for piece in [content[..<cut], content[cut...]] {
                Array(piece).withUnsafeBytes { reader.append($0) }
                while let message = try reader.next() { messages.append(message) }
            }
            #expect(messages == [[1, 2, 3], [], [4]])
            #expect(!reader.isInsideMessage)
        }
    }

    @Test func `knows that a message is not whole`() throws {
        var reader = GRPCMessageReader(maximum: 100)
        Array(GRPCMessageReader.framed([1, 2, 3]).dropLast()).withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() == nil)
        #expect(reader.isInsideMessage)
        #expect(!reader.hasMessage)
    }

    @Test func `refuses a message that is too large before it has come`() {
        var reader = GRPCMessageReader(maximum: 100)
        [UInt8](arrayLiteral: 0, 0, 0, 0, 101).withUnsafeBytes { reader.append($0) }
        #expect(reader.hasMessage)
        let status = #expect(throws: GRPCStatus.self) { try reader.next() }
        #expect(status?.code == .resourceExhausted)
    }

    @Test(arguments: [(UInt8(1), GRPCStatus.Code.unimplemented), (2, .internalError), (255, .internalError)])
    func `refuses flags`(flag: UInt8, code: GRPCStatus.Code) {
        var reader = GRPCMessageReader(maximum: 100)
        [flag, 0, 0, 0, 0].withUnsafeBytes { reader.append($0) }
        let status = #expect(throws: GRPCStatus.self) { try reader.next() }
        #expect(status?.code == code)
    }
}
