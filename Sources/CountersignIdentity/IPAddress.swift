/// An IPv4 or IPv6 address, without a zone.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The protocol version of an address.
    public enum Family: Hashable, Sendable {
        /// IPv4, 32 bits.
        case v4
        /// IPv6, 128 bits.
        case v6

        /// How many bits an address has.
        public var bitCount: Int {
            switch self {
            case .v4: 32
            case .v6: 128
            }
        }
    }

    /// The protocol version.
    public let family: Family
    /// The address, right-aligned: the lower 32 bits for IPv4.
    let value: UInt128

    init(family: Family, value: UInt128) {
        self.family = family
        self.value = value
    }

    /// An IPv4 address in host byte order.
    public init(v4 value: UInt32) {
        self.init(family: .v4, value: UInt128(value))
    }

    /// An address from its 4 or 16 bytes in network byte order, as certificates and sockets hold it; `nil` for any
    /// other number of bytes.
    public init?(networkBytes bytes: Span<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var value: UInt128 = 0
        for position in bytes.indices { value = value << 8 | UInt128(bytes[position]) }
        self.init(family: bytes.count == 4 ? .v4 : .v6, value: value)
    }

    /// Parses the text form: four decimal numbers without leading zeros, or RFC 4291, section 2.2, without brackets.
    ///
    /// `nil` for anything else. Allocates nothing.
    public init?(_ text: Span<UInt8>) {
        var scanner = IPAddressScanner(length: text.count)
        guard let address = scanner.scan(text) else { return nil }
        self = address
    }

    /// Parses the text form; see ``init(_:)``.
    ///
    /// - Throws: ``IdentityError`` with `invalidAddress`.
    public init(parsing text: String) throws(IdentityError) {
        let utf8 = Array(text.utf8)
        guard let address = IPAddress(utf8.span) else {
            throw IdentityError(
                .invalidAddress,
                "\(IdentityError.excerpt(of: text)) is not an IP address such as 192.0.2.1 or 2001:db8::1"
            )
        }
        self = address
    }

    /// The 4 or 16 bytes in network byte order.
    public var networkBytes: [UInt8] {
        stride(from: family.bitCount - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt128($0)) }
    }

    /// The IPv4 address inside an IPv4-mapped IPv6 address (`::ffff:192.0.2.1`), any other address unchanged.
    public var unmapped: IPAddress {
        guard family == .v6, value >> 32 == 0xFFFF else { return self }
        return IPAddress(family: .v4, value: value & 0xFFFF_FFFF)
    }

    /// Whether this is the address that stands for every address of a host: `0.0.0.0` or `::`.
    public var isUnspecified: Bool { networkBytes.allSatisfy { $0 == 0 } }

    /// Whether the address is of the host itself (127.0.0.0/8, `::1`, or the former mapped into IPv6).
    public var isLoopback: Bool {
        let address = unmapped
        return address.family == .v4 ? address.value >> 24 == 127 : address.value == 1
    }

    /// The canonical text (RFC 5952 for IPv6).
    public var description: String {
        var bytes: [UInt8] = []
        format { bytes.append($0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
