import CountersignProxyProtocol
import CountersignTesting
import Testing

@Suite struct ProxyHeaderReaderTests {
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    static let ipv4 = signature + [0x21, 0x11, 0, 12, 192, 0, 2, 7, 198, 51, 100, 9, 0x30, 0x39, 0x01, 0xBB]

    static func header(_ command: UInt8, _ family: UInt8, _ body: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    @Test func `an IPv4 header says who the client is`() throws {
        let client = try #require(ProxyHeader.Address(bytes: [192, 0, 2, 7], port: 12345))
        let server = try #require(ProxyHeader.Address(bytes: [198, 51, 100, 9], port: 443))
        let expected = ProxyHeader(source: .tcp(client: client, server: server))
        #expect(ProxyHeaderReader.read((Self.ipv4 + [1, 2]).span) == .header(expected, length: 28))
    }

    @Test func `an IPv6 header says who the client is`() throws {
        let body = Array(UInt8(0)..<32) + [0x30, 0x39, 0x01, 0xBB]
        guard case .header(let parsed, length: 52) = ProxyHeaderReader.read(Self.header(0x21, 0x21, body).span),
            case .tcp(let client, let server) = parsed.source
        else {
            Issue.record("not read")
            return
        }
        #expect(client.bytes == Array(0..<16) && client.port == 12345)
        #expect(server.bytes == Array(16..<32) && server.port == 443)
    }

    @Test(arguments: [
        (header(0x20, 0x00, []), ProxyHeader.Source.local),
        (header(0x20, 0x11, [UInt8](repeating: 9, count: 12)), .local),
        (header(0x21, 0x00, []), .unknown),
        (header(0x21, 0x12, [UInt8](repeating: 9, count: 12)), .unknown),
        (header(0x21, 0x31, [UInt8](repeating: 9, count: 216)), .unknown),
    ])
    func `what is not a client over TCP gives no address`(bytes: [UInt8], source: ProxyHeader.Source) {
        #expect(ProxyHeaderReader.read(bytes.span) == .header(ProxyHeader(source: source), length: bytes.count))
    }

    @Test func `every part of a header is not enough`() {
        for count in 0..<Self.ipv4.count {
            #expect(ProxyHeaderReader.read(Array(Self.ipv4.prefix(count)).span) == .needMore)
        }
    }

    @Test(arguments: [
        Array("PROXY TCP4 192.0.2.7 198.51.100.9 12345 443\r\n".utf8), Array("GET / HTTP/1.1\r\n".utf8),
        [0x16, 0x03, 0x01], Array("\r\n\r\nX".utf8),
    ])
    func `other bytes are no header`(bytes: [UInt8]) {
        #expect(ProxyHeaderReader.read(bytes.span) == .noHeader)
    }

    @Test(arguments: [
        (header(0x11, 0x11, [UInt8](repeating: 9, count: 12)), ProxyHeaderFault.version),
        (header(0x22, 0x11, [UInt8](repeating: 9, count: 12)), .command),
        (header(0x21, 0x41, [UInt8](repeating: 9, count: 12)), .family),
        (header(0x21, 0x13, [UInt8](repeating: 9, count: 12)), .family),
        (header(0x21, 0x11, [UInt8](repeating: 9, count: 11)), .addresses),
        (header(0x21, 0x21, [UInt8](repeating: 9, count: 35)), .addresses),
        (header(0x21, 0x00, [0x01, 0x00]), .extras),
        (header(0x21, 0x00, [0x01, 0x00, 0x02, 0x68]), .extras),
        (header(0x21, 0x00, [0x05, 0x00, 0x81] + [UInt8](repeating: 1, count: 129)), .extras),
        (header(0x21, 0x00, [0x03, 0x00, 0x04, 1, 2, 3, 4]), .checksum),
        (header(0x21, 0x00, [0x03, 0x00, 0x03, 1, 2, 3]), .checksum),
        (Array(header(0x21, 0x00, [UInt8](repeating: 0, count: 20_000)).prefix(16)), .tooLarge),
        (
            header(
                0x21,
                0x00,
                [UInt8](repeating: 0x04, count: 0) + Array(repeatElement([4, 0, 0], count: 65).joined())
            ), .extras
        ),
    ])
    func `what does not add up is refused`(bytes: [UInt8], fault: ProxyHeaderFault) {
        #expect(ProxyHeaderReader.read(bytes.span) == .refused(fault))
    }

    @Test func `bytes of any kind are read without a trap, and what is read is written as the same`() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            var body = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...6, using: &generator)
            }
            if Bool.random(using: &generator) { body += [0x02, 0, 1, 0x61] }
            let command = UInt8.random(in: 0x1F...0x22, using: &generator)
            let family: UInt8 = [0x00, 0x11, 0x21, 0x12, 0x31].randomElement(using: &generator) ?? 0
            guard case .header(let parsed, _) = ProxyHeaderReader.read(Self.header(command, family, body).span) else {
                continue
            }
            let written = parsed.bytes
            #expect(ProxyHeaderReader.read(written.span) == .header(parsed, length: written.count))
        }
    }
}
