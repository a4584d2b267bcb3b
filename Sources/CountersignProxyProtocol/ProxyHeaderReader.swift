/// Reads the PROXY protocol header, version 2, that a connection begins with.
///
/// Version 1, a line of text, is not read. What cannot be read in one way is refused: a header decides who the client is.
package enum ProxyHeaderReader {
    /// What the first bytes of a connection are.
    package enum Outcome: Equatable {
        /// The header is not complete yet.
        case needMore
        /// They are no header: the first byte already tells in most cases.
        case noHeader
        /// A header, and how many bytes it took.
        case header(ProxyHeader, length: Int)
        /// A header that is refused.
        case refused(ProxyHeaderFault)
    }

    /// The most bytes that a header may take, which is more than one with a client's certificate needs.
    package static let limit = 16 * 1024

    /// Looks at the bytes received so far.
    ///
    /// - Complexity: O(n) in the bytes of a complete header, and constant before.
    package static func read(_ bytes: Span<UInt8>) -> Outcome {
        for index in 0..<min(bytes.count, ProxyHeader.signature.count) {
            guard bytes[index] == ProxyHeader.signature[index] else { return .noHeader }
        }
        guard bytes.count >= ProxyHeader.fixedLength else { return .needMore }
        guard bytes[12] >> 4 == 2 else { return .refused(.version) }
        guard bytes[12] & 0x0F <= 1 else { return .refused(.command) }
        let length = ProxyHeader.fixedLength + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard length <= limit else { return .refused(.tooLarge) }
        guard bytes.count >= length else { return .needMore }
        let header = bytes.extracting(0..<length)
        return switch parse(header) {
        case .success(let parsed): .header(parsed, length: length)
        case .failure(let fault): .refused(fault)
        }
    }

    private static func parse(_ header: Span<UInt8>) -> Result<ProxyHeader, ProxyHeaderFault> {
        let isLocal = header[12] & 0x0F == 0
        let family = header[13]
        guard let addressLength = addressLengths[family >> 4], family & 0x0F <= 2 else { return .failure(.family) }
        let extrasStart = ProxyHeader.fixedLength + (family == 0 ? 0 : addressLength)
        guard header.count >= extrasStart else { return .failure(.addresses) }
        guard let fields = ProxyExtra.list(header, from: extrasStart) else { return .failure(.extras) }
        if let fault = checksumFault(fields, header, from: extrasStart) { return .failure(fault) }
        var parsed = ProxyHeader(source: isLocal ? .local : .unknown)
        if !isLocal, family == 0x11 || family == 0x21 {
            let width = family == 0x11 ? 4 : 16
            guard let client = address(header, 0, width), let server = address(header, 1, width) else {
                return .failure(.addresses)
            }
            parsed.source = .tcp(client: client, server: server)
        }
        parsed.extras = fields.filter { $0.type != ProxyExtra.checksum && $0.type != ProxyExtra.noop }
        if let id = parsed.value(ProxyExtra.uniqueID), id.count > 128 { return .failure(.extras) }
        return .success(parsed)
    }

    /// Whether a checksum that the header has is wrong; it is computed with zeros in its own place.
    private static func checksumFault(
        _ fields: [ProxyExtra],
        _ header: Span<UInt8>,
        from start: Int
    ) -> ProxyHeaderFault? {
        var offset = start
        var stated: (offset: Int, value: UInt32)?
        for field in fields {
            if field.type == ProxyExtra.checksum {
                guard field.value.count == 4, stated == nil else { return .checksum }
                stated = (offset + 3, field.value.reduce(0) { $0 << 8 | UInt32($1) })
            }
            offset += 3 + field.value.count
        }
        guard let stated else { return nil }
        var sum = CRC32C()
        for index in header.indices { sum.add((stated.offset..<stated.offset + 4).contains(index) ? 0 : header[index]) }
        return sum.value == stated.value ? nil : .checksum
    }

    private static func address(_ header: Span<UInt8>, _ place: Int, _ width: Int) -> ProxyHeader.Address? {
        let start = ProxyHeader.fixedLength + place * width
        let port = ProxyHeader.fixedLength + 2 * width + place * 2
        return ProxyHeader.Address(
            bytes: (start..<start + width).map { header[$0] },
            port: UInt16(header[port]) << 8 | UInt16(header[port + 1])
        )
    }

    /// By family: unspecified, IPv4, IPv6, Unix.
    private static let addressLengths: [UInt8: Int] = [0: 0, 1: 12, 2: 36, 3: 216]
}
