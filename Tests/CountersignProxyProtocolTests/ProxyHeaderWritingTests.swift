import CountersignProxyProtocol
import Testing

@Suite struct ProxyHeaderWritingTests {
    private func address(_ bytes: [UInt8], _ port: UInt16) throws -> ProxyHeader.Address {
        try #require(ProxyHeader.Address(bytes: bytes, port: port))
    }

    @Test func `what is written is read as the same`() throws {
        let tls = ProxyTLS(
            client: ProxyTLS.overTLS | ProxyTLS.certificateInSession,
            verification: 0,
            details: [
                ProxyExtra(type: ProxyTLS.version, value: Array("TLSv1.3".utf8)),
                ProxyExtra(type: ProxyTLS.clientCertificate, value: [UInt8](repeating: 0x30, count: 2000)),
            ]
        )
        var header = ProxyHeader(
            source: .tcp(client: try address([10, 0, 0, 1], 1), server: try address([10, 0, 0, 2], 2))
        )
        header.extras = [ProxyExtra(type: ProxyExtra.authority, value: Array("db.internal".utf8)), tls.field]
        let bytes = header.bytes
        #expect(ProxyHeaderReader.read(bytes.span) == .header(header, length: bytes.count))
        let value = try #require(header.value(ProxyExtra.tls))
        #expect(ProxyTLS(value.span) == tls)
    }

    @Test func `any bit that changes is found by the checksum, or makes it no header`() throws {
        var header = ProxyHeader(
            source: .tcp(client: try address([10, 0, 0, 1], 1), server: try address([10, 0, 0, 2], 2))
        )
        header.extras = [ProxyExtra(type: ProxyExtra.authority, value: Array("a".utf8))]
        let bytes = header.bytes
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << UInt8(bit)
                if case .header(let read, _) = ProxyHeaderReader.read(changed.span) {
                    // A type that is no longer that of the checksum leaves none to verify.
                    #expect(position == bytes.count - 7, "\(read)")
                }
            }
        }
    }

    @Test func `addresses of two families are both written as IPv6`() throws {
        let client = try address([UInt8](repeating: 0x20, count: 16), 1)
        let header = ProxyHeader(source: .tcp(client: client, server: try address([127, 0, 0, 1], 2)))
        guard case .header(let read, _) = ProxyHeaderReader.read(header.bytes.span),
            case .tcp(client, let server) = read.source
        else {
            Issue.record("not read")
            return
        }
        #expect(server.bytes == [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1])
    }

    @Test func `what does not fit is left out`() {
        var header = ProxyHeader(source: .unknown)
        header.extras = [
            ProxyExtra(type: 0xE0, value: [UInt8](repeating: 1, count: 60_000)),
            ProxyExtra(type: 0xE1, value: [UInt8](repeating: 1, count: 60_000)),
            ProxyExtra(type: 0xE2, value: [1]),
        ]
        let bytes = header.bytes
        #expect(bytes.count == 16 + 3 + 60_000 + 4 + 7)
    }

    @Test(arguments: [[], [1, 0, 0, 0], [1, 0, 0, 0, 0, 0x21], [1, 0, 0, 0, 0, 0x21, 0, 9, 1]] as [[UInt8]])
    func `a TLS value that is not whole is none`(value: [UInt8]) {
        #expect(ProxyTLS(value.span) == nil)
    }
}
