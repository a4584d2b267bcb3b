/// What a PROXY protocol header, version 2, says of the connection that it begins (HAProxy's `proxy-protocol.txt`).
package struct ProxyHeader: Hashable, Sendable {
    /// Whose connection it is.
    package enum Source: Hashable, Sendable {
        /// The proxy's own (`LOCAL`): the addresses of the connection itself count.
        case local
        /// A client's, of whose addresses nothing is said that TCP could use.
        case unknown
        /// A client's, over TCP.
        case tcp(client: Address, server: Address)
    }

    /// An IP address and a port.
    package struct Address: Hashable, Sendable {
        /// The address in network byte order: 4 bytes or 16.
        package var bytes: [UInt8]
        /// The port.
        package var port: UInt16

        /// Makes an address; `nil` unless there are 4 or 16 bytes.
        package init?(bytes: [UInt8], port: UInt16) {
            guard bytes.count == 4 || bytes.count == 16 else { return nil }
            self.bytes = bytes
            self.port = port
        }

        /// The IPv6 address that carries this one, if it is IPv4 (RFC 4291 section 2.5.5.2).
        var mapped: [UInt8] {
            bytes.count == 16 ? bytes : [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes
        }
    }

    /// Whose connection it is.
    package var source: Source
    /// What else is said, in its order, without the checksum and without padding.
    package var extras: [ProxyExtra] = []

    /// Makes a header that says no more than whose connection it is.
    package init(source: Source) {
        self.source = source
    }

    /// The value of the first extra of a type; `nil` without one.
    package func value(_ type: UInt8) -> [UInt8]? {
        extras.first { $0.type == type }?.value
    }

    /// What every header begins with.
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// The signature, version and command, family and length.
    static let fixedLength = 16
}
