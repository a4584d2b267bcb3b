/// A host in one normal form, made without allocation: from a `Host` header, an authority or a TLS server name.
///
/// Lower-case, without port and without the one trailing dot that a fully qualified name may have. Names are one to 253
/// bytes of labels of 1...63 bytes `[a-z0-9_-]` that neither begin nor end with `-`; addresses are in their canonical
/// form without brackets. A name whose last label is all digits is an IPv4 address or refused (WHATWG URL, section
/// 3.5), so that no address passes as a name. The same normal form is used for the server name of the handshake and for
/// the host of a request; comparing the two is comparing bytes.
public struct HostName: Sendable, CustomStringConvertible {
    /// The longest name, in bytes.
    public static let maximumLength = 253

    /// What a host is.
    public enum Kind: Hashable, Sendable {
        /// A DNS name.
        case name
        /// An IPv4 or IPv6 address.
        case address
    }

    /// Whether the host is a name or an address.
    public let kind: Kind
    private var storage: InlineArray<253, UInt8>
    private var length: Int

    /// Normalizes a `Host` header or an authority, which may end with `:` and a port of 0...65535.
    ///
    /// `nil` for anything that is not a host, the empty one included.
    public init?(hostHeader bytes: Span<UInt8>) {
        guard let end = HostScanner.hostEnd(bytes) else { return nil }
        self.init(host: bytes, end: end, allowsBareIPv6: false)
    }

    /// Normalizes a TLS server name (RFC 6066, section 3), which has no port.
    ///
    /// `nil` for anything that is not a host name. An address is refused too, as the RFC demands.
    public init?(serverName bytes: Span<UInt8>) {
        self.init(host: bytes, end: bytes.count, allowsBareIPv6: false)
        guard kind == .name else { return nil }
    }

    /// Parses a host name or an address from configuration; a port is refused, brackets may be absent.
    ///
    /// - Throws: ``IdentityError`` with `invalidHostName`.
    public init(parsing text: String) throws(IdentityError) {
        let utf8 = text.utf8.span
        guard let host = HostName(host: utf8, end: utf8.count, allowsBareIPv6: true) else {
            throw IdentityError(
                .invalidHostName,
                """
                \(IdentityError.excerpt(of: text)) is not a host name: write labels of a-z, 0-9, '-' and '_', at most \
                63 bytes each and \(Self.maximumLength) in all, without a port
                """
            )
        }
        self = host
    }

    /// How many bytes the normal form has.
    public var count: Int { length }

    /// Lends the bytes of the normal form.
    public func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(storage.span.extracting(0..<length))
    }

    /// Whether a `Host` header names this host.
    ///
    /// The same as normalizing it and comparing, in one pass.
    public func matches(hostHeader bytes: Span<UInt8>) -> Bool {
        // An address has several spellings; it is rare enough to take the long way.
        guard kind == .name else { return HostName(hostHeader: bytes) == self }
        guard var end = HostScanner.hostEnd(bytes), end >= length else { return false }
        if end == length + 1, bytes[length] == UInt8(ascii: ".") { end = length }
        guard end == length else { return false }
        let own = storage.span
        for position in 0..<end where HostScanner.folded(bytes[position]) != own[position] { return false }
        return true
    }

    /// The text form, for people and logs.
    public var description: String {
        // SAFETY: what a name or an address is written in is ASCII.
        withBytes { bytes in String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true)) }
    }

    private init?(host bytes: Span<UInt8>, end: Int, allowsBareIPv6: Bool) {
        self.storage = InlineArray(repeating: 0)
        self.length = 0
        if end > 0, bytes[0] == UInt8(ascii: "[") {
            guard end > 2, bytes[end - 1] == UInt8(ascii: "]"),
                let address = IPAddress(bytes.extracting(1..<end - 1)), address.family == .v6
            else { return nil }
            self.kind = .address
            store(address)
            return
        }
        if let address = IPAddress(bytes.extracting(0..<end)) {
            // `2001:db8::1:80` is an address, or another one and a port: without brackets nobody can tell.
            guard address.family == .v4 || allowsBareIPv6 else { return nil }
            self.kind = .address
            store(address)
            return
        }
        guard let nameLength = HostScanner.nameLength(bytes, end: end) else { return nil }
        self.kind = .name
        self.length = nameLength
        for position in 0..<nameLength { storage[position] = HostScanner.folded(bytes[position]) }
    }

    private mutating func store(_ address: IPAddress) {
        var position = 0
        address.format { byte in
            storage[position] = byte
            position += 1
        }
        length = position
    }
}

extension HostName: Hashable {
    /// Whether both normal forms have the same bytes.
    public static func == (left: HostName, right: HostName) -> Bool {
        guard left.length == right.length, left.kind == right.kind else { return false }
        let leftBytes = left.storage.span
        let rightBytes = right.storage.span
        for position in 0..<left.length where leftBytes[position] != rightBytes[position] { return false }
        return true
    }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) {
        for position in 0..<length { hasher.combine(storage[position]) }
    }
}
