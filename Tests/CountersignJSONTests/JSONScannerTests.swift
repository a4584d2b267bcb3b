import CountersignJSON
import Testing

@Suite struct JSONScannerTests {
    /// What ends a string or has to be seen in it, at every place of the words that a string is looked through by.
    @Test(arguments: 0..<40)
    func `a string ends at its quote wherever that is`(count: Int) throws {
        let text = String(repeating: "aß", count: count)
        let bytes = Array("\"\(text)\", \"12345678\"".utf8)
        var scanner = JSONScanner(0..<bytes.count)
        let found = try scanner.string(bytes.span)
        #expect(try found.string(bytes.span) == text && !found.isEscaped)
        #expect(scanner.position == text.utf8.count + 2)
    }

    @Test(arguments: 0..<20)
    func `an escape is seen wherever it is`(count: Int) throws {
        let before = String(repeating: "a", count: count)
        let bytes = Array("\"\(before)\\\"12345678\"".utf8)
        var scanner = JSONScanner(0..<bytes.count)
        let found = try scanner.string(bytes.span)
        #expect(found.isEscaped)
        #expect(try found.string(bytes.span) == before + "\"12345678")
    }

    @Test(arguments: 0..<20, [UInt8(0), 0x0A, 0x1F])
    func `a control character is refused wherever it is`(count: Int, character: UInt8) {
        let before = [UInt8](repeating: UInt8(ascii: "a"), count: count)
        let bytes = [UInt8(ascii: "\"")] + before + [character] + Array("12345678\"".utf8)
        #expect(throws: JSONError.self) {
            var scanner = JSONScanner(0..<bytes.count)
            _ = try scanner.string(bytes.span)
        }
    }

    /// Bytes next to those that end a string, and what could be mistaken for them behind one of them in the same word.
    @Test(
        arguments: 0..<16,
        [UInt8](arrayLiteral: 0x00, 0x01, 0x1F, 0x20, 0x21, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xFF)
    )
    func `no byte beside the quote is taken for it`(count: Int, neighbour: UInt8) throws {
        let plain: [UInt8] = [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
        let content = (0..<count).map { plain[$0 % plain.count] }
        let quote = UInt8(ascii: "\"")
        let bytes = [quote] + content + [quote] + [UInt8](repeating: neighbour, count: 16)
        var scanner = JSONScanner(0..<bytes.count)
        let found = try scanner.string(bytes.span)
        #expect(found.start == 1 && found.end == count + 1 && !found.isEscaped)
    }

    @Test(arguments: 0..<24, [UInt8](arrayLiteral: 0x00, 0x09, 0x1F))
    func `a control character is found behind any bytes that are like one`(count: Int, control: UInt8) {
        let plain: [UInt8] = [0x20, 0x5D, 0x7F, 0x80, 0x9F, 0xFF, 0x23, 0x5B]
        let content = (0..<count).map { plain[$0 % plain.count] }
        let quote = UInt8(ascii: "\"")
        let bytes = [quote] + content + [control] + [UInt8](repeating: 0x20, count: 15) + [quote]
        #expect(throws: JSONError.self) {
            var scanner = JSONScanner(0..<bytes.count)
            _ = try scanner.string(bytes.span)
        }
    }

    @Test(arguments: 0..<24, [UInt8](arrayLiteral: 0x5B, 0x5D, 0x21, 0x20))
    func `an escape is found behind and before any bytes that are like one`(count: Int, neighbour: UInt8) throws {
        let plain: [UInt8] = [0x5B, 0x5D, 0xDC, 0x7C, 0x20, 0xFF, 0x21, 0x80]
        let content = (0..<count).map { plain[$0 % plain.count] }
        let quote = UInt8(ascii: "\"")
        let escape = [UInt8(ascii: "\\"), quote]
        let bytes = [quote] + content + escape + [UInt8](repeating: neighbour, count: 9) + [quote]
        var scanner = JSONScanner(0..<bytes.count)
        let found = try scanner.string(bytes.span)
        #expect(found.isEscaped && found.end == bytes.count - 1)
    }

    @Test(arguments: [[UInt8]](arrayLiteral: [0xFF], [0xC3], [0xED, 0xA0, 0x80]))
    func `what is not UTF-8 becomes no string`(content: [UInt8]) throws {
        let bytes = [UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")]
        var scanner = JSONScanner(0..<bytes.count)
        let found = try scanner.string(bytes.span)
        #expect(throws: JSONError.self) { try found.string(bytes.span) }
    }

    @Test func `a string without an end is refused`() {
        let bytes = Array("\"0123456789abcdef".utf8)
        #expect(throws: JSONError.self) {
            var scanner = JSONScanner(0..<bytes.count)
            _ = try scanner.string(bytes.span)
        }
    }
}
