/// One type-length-value field of a PROXY protocol header.
package struct ProxyExtra: Hashable, Sendable {
    /// What the value is.
    package var type: UInt8
    /// The value, at most 65535 bytes.
    package var value: [UInt8]

    /// Makes a field.
    package init(type: UInt8, value: [UInt8]) {
        self.type = type
        self.value = value
    }

    /// The protocol that ALPN settled on.
    package static let alpn: UInt8 = 0x01
    /// The host that the client asked for, such as the server name of its handshake.
    package static let authority: UInt8 = 0x02
    /// The checksum of the whole header.
    static let checksum: UInt8 = 0x03
    /// Padding, which says nothing.
    static let noop: UInt8 = 0x04
    /// An id of the connection, at most 128 bytes.
    package static let uniqueID: UInt8 = 0x05
    /// What TLS says of the client; see ``ProxyTLS``.
    package static let tls: UInt8 = 0x20

    /// Reads fields that fill `bytes` from `start` on; `nil` when a length does not fit or there are too many.
    static func list(_ bytes: Span<UInt8>, from start: Int) -> [ProxyExtra]? {
        var fields: [ProxyExtra] = []
        var offset = start
        while offset < bytes.count {
            guard bytes.count - offset >= 3, fields.count < most else { return nil }
            let length = Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
            guard bytes.count - offset - 3 >= length else { return nil }
            var value: [UInt8] = []
            value.reserveCapacity(length)
            for index in (offset + 3)..<(offset + 3 + length) { value.append(bytes[index]) }
            fields.append(ProxyExtra(type: bytes[offset], value: value))
            offset += 3 + length
        }
        return fields
    }

    /// Appends the field as it is sent; a value beyond 65535 bytes is left out.
    func append(to output: inout [UInt8]) {
        guard let length = UInt16(exactly: value.count) else { return }
        output += [type, UInt8(length >> 8), UInt8(length & 0xFF)]
        output += value
    }

    /// The most fields that are read, in a header or inside of one field.
    private static let most = 64
}
