/// One GeneralName (RFC 5280 section 4.2.1.6).
package enum AlternativeName: Sendable, Hashable {
    /// An email address.
    case email(String)
    /// A DNS name.
    case dns(String)
    /// A distinguished name, in its DER encoding.
    case directory([UInt8])
    /// A URI.
    case uri(String)
    /// An IP address of 4 or 16 bytes; in a constraint, the address and its mask: 8 or 32 bytes.
    case ip([UInt8])
    /// A form that is not interpreted: the tag number and the encoding.
    case other(tag: UInt, [UInt8])

    /// The tag number of the form.
    package var tag: UInt {
        switch self {
        case .email: 1
        case .dns: 2
        case .directory: 4
        case .uri: 6
        case .ip: 7
        case .other(let tag, _): tag
        }
    }
}

extension AlternativeName {
    /// Reads one GeneralName; text forms must be ASCII without control characters.
    init(_ field: DERField) throws(EncodingFault) {
        switch field.tag {
        case DERTag.primitive(1): self = .email(try Self.text(field))
        case DERTag.primitive(2): self = .dns(try Self.text(field))
        // A Name is a CHOICE, so its tag is explicit.
        case DERTag.constructed(4):
            let name = try field.onlyField()
            _ = try RelativeNames(name)
            self = .directory(Array(name.encoded))
        case DERTag.primitive(6): self = .uri(try Self.text(field))
        case DERTag.primitive(7): self = .ip(Array(field.content))
        case DERTag.constructed(0), DERTag.constructed(3), DERTag.constructed(5), DERTag.primitive(8):
            self = .other(tag: UInt(field.tag & 0x1F), Array(field.encoded))
        default: throw .unexpectedField
        }
    }

    private static func text(_ field: DERField) throws(EncodingFault) -> String {
        guard field.content.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw EncodingFault("a name holds a byte outside printable ASCII")
        }
        return String(decoding: field.content, as: UTF8.self)
    }
}
