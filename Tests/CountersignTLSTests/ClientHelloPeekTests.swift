import CountersignTLS
import CountersignTransport
import Testing

@Suite struct ClientHelloPeekTests {
    /// A ClientHello with the extensions given, split into records of at most `recordSize` bytes.
    private func hello(extensions: [(UInt16, [UInt8])], recordSize: Int = 16_384) -> [UInt8] {
        var body: [UInt8] = [3, 3] + [UInt8](repeating: 7, count: 32) + [0, 0, 2, 0x13, 0x01, 1, 0]
        let block = extensions.flatMap { type, data in vector16(type) + vector16(UInt16(data.count)) + data }
        body += vector16(UInt16(block.count)) + block
        let message = [1, 0] + vector16(UInt16(body.count)) + body
        return stride(from: 0, to: message.count, by: recordSize).flatMap { start -> [UInt8] in
            let piece = message[start..<min(start + recordSize, message.count)]
            return [22, 3, 1] + vector16(UInt16(piece.count)) + piece
        }
    }

    private func vector16(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(value & 0xFF)]
    }

    private func serverName(_ name: String, type: UInt8 = 0) -> (UInt16, [UInt8]) {
        let bytes = Array(name.utf8)
        let entry = [type] + vector16(UInt16(bytes.count)) + bytes
        return (0, vector16(UInt16(entry.count)) + entry)
    }

    private func inspect(_ bytes: [UInt8]) -> ClientHelloPeek.Outcome {
        ClientHelloPeek.inspect(bytes.span)
    }

    @Test(arguments: [("a.example", "a.example"), ("A.Example", "a.example"), ("a.example.", "a.example")])
    func `the server name is found and normalised`(sent: String, found: String) {
        #expect(
            inspect(hello(extensions: [(10, [0, 2, 0, 29]), serverName(sent)]))
                == .clientHello(serverName: Array(found.utf8))
        )
    }

    @Test func `a hello without a server name has none`() {
        #expect(inspect(hello(extensions: [(10, [0, 2, 0, 29])])) == .clientHello(serverName: nil))
    }

    @Test func `every prefix asks for more, whatever the records' size`() {
        for size in [1, 7, 64, 16_384] {
            let bytes = hello(extensions: [serverName("host.example")], recordSize: size)
            for count in 1..<bytes.count {
                #expect(inspect(Array(bytes[0..<count])) == .needMore, "size \(size), \(count) bytes")
            }
            #expect(inspect(bytes) == .clientHello(serverName: Array("host.example".utf8)))
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
    func `plain text is not TLS`(text: String) {
        #expect(inspect(Array(text.utf8)) == .notTLS)
    }

    @Test(arguments: [UInt8(20), 21, 23, 24]) func `a record of another kind is TLS, and no beginning`(type: UInt8) {
        #expect(inspect([type]) == .needMore)
        #expect(inspect([type, 3, 3, 0, 2, 2, 40]) == .otherRecord)
        #expect(inspect([type, 2, 3, 0, 2, 2, 40]) == .notTLS)
    }

    @Test func `two server names, a foreign name type and an empty name are malformed`() {
        #expect(inspect(hello(extensions: [serverName("a"), serverName("b")])) == .malformed)
        #expect(inspect(hello(extensions: [serverName("a", type: 1)])) == .malformed)
        #expect(inspect(hello(extensions: [serverName("")])) == .malformed)
        #expect(inspect(hello(extensions: [serverName("a b")])) == .malformed)
        #expect(inspect(hello(extensions: [serverName("a\u{0}b")])) == .malformed)
        #expect(inspect(hello(extensions: [serverName("a.example")])) != .malformed)
    }

    @Test func `a message that announces more than the limit is refused at once`() {
        #expect(inspect([22, 3, 1, 0x40, 0, 1, 0x01, 0, 0, 3, 3]) == .malformed)
    }

    @Test func `other handshake messages and empty records are malformed`() {
        #expect(inspect([22, 3, 1, 0, 4, 2, 0, 0, 0]) == .malformed)
        #expect(inspect([22, 3, 1, 0, 0, 22, 3, 1, 0, 4]) == .malformed)
    }
}
