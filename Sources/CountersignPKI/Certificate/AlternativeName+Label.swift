import CountersignIdentity

extension AlternativeName {
    /// The name with its form before it, such as `DNS:example.com`, without control characters.
    package var labelled: String {
        switch self {
        case .email(let text): "email:\(text)"
        case .dns(let text): "DNS:\(text)"
        case .uri(let text): "URI:\(text)"
        case .directory(let der):
            "directory:\((try? RelativeNames(der: der))?.text ?? Hexadecimal.text(of: der))"
        case .ip(let bytes): "IP:\(Self.address(bytes))"
        case .other(let tag, let der): "form \(tag):\(Hexadecimal.text(of: Array(der.prefix(64))))"
        }
    }

    /// An address, or an address and a prefix length for a constraint.
    private static func address(_ bytes: [UInt8]) -> String {
        if let address = IPAddress(networkBytes: bytes.span) { return address.description }
        guard bytes.count == 8 || bytes.count == 32 else { return Hexadecimal.text(of: bytes) }
        let base = Array(bytes.prefix(bytes.count / 2))
        guard let address = IPAddress(networkBytes: base.span) else { return Hexadecimal.text(of: bytes) }
        let ones = bytes.suffix(bytes.count / 2).reduce(0) { $0 + $1.nonzeroBitCount }
        return "\(address)/\(ones)"
    }
}
