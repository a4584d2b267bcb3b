import SwiftASN1

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
    init(derEncoded node: ASN1Node) throws {
        guard node.identifier.tagClass == .contextSpecific else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        switch node.identifier.tagNumber {
        case 1: self = .email(try Self.text(node))
        case 2: self = .dns(try Self.text(node))
        case 4:
            let name = try DER.explicitlyTagged(node, tagNumber: 4, tagClass: .contextSpecific) { inner in
                _ = try RelativeNames(derEncoded: inner)
                return Array(inner.encodedBytes)
            }
            self = .directory(name)
        case 6: self = .uri(try Self.text(node))
        case 7:
            guard case .primitive(let bytes) = node.content else {
                throw ASN1Error.unexpectedFieldType(node.identifier)
            }
            self = .ip(Array(bytes))
        case 0, 3, 5, 8:
            self = .other(tag: node.identifier.tagNumber, Array(node.encodedBytes))
        default:
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
    }

    private static func text(_ node: ASN1Node) throws -> String {
        guard case .primitive(let bytes) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw EncodingFault("a name holds a byte outside printable ASCII")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
