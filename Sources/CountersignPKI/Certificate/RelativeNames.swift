import SwiftASN1

/// A Name (RFC 5280 section 4.1.2.4) as attribute types and values, in the order of its encoding.
package struct RelativeNames: Sendable, Hashable {
    /// The relative distinguished names; each has at least one attribute.
    package let components: [[Attribute]]

    /// Whether the name has no components.
    package var isEmpty: Bool {
        self.components.isEmpty
    }

    /// Every attribute, in order.
    package var attributes: [Attribute] {
        self.components.flatMap { $0 }
    }

    /// One attribute of a name.
    package struct Attribute: Sendable, Hashable {
        /// The dotted object identifier.
        package let type: String
        /// The whole value, encoded.
        package let valueDER: [UInt8]
        /// The universal tag number of the value, such as 12 for UTF8String.
        package let tag: UInt
        /// The value as text where it is a string; nil otherwise.
        package let text: String?
    }

    /// The most attributes that a name may have.
    package static let maximumAttributes = 64
}

extension RelativeNames {
    /// Reads a Name.
    init(derEncoded node: ASN1Node) throws {
        guard node.identifier == .sequence, case .constructed(let sets) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        var components: [[Attribute]] = []
        var count = 0
        for set in sets {
            let attributes = try DER.set(of: Wire.self, identifier: .set, rootNode: set).map(\.attribute)
            count += attributes.count
            guard !attributes.isEmpty, count <= Self.maximumAttributes else {
                throw EncodingFault("a name component is empty or the name is too long")
            }
            components.append(attributes)
        }
        self.components = components
    }

    /// Reads a Name from its encoding.
    init(derEncoded bytes: [UInt8]) throws {
        self = try Self(derEncoded: try DER.parse(bytes))
    }

    /// AttributeTypeAndValue.
    private struct Wire: DERParseable {
        let attribute: Attribute

        init(derEncoded node: ASN1Node) throws {
            self.attribute = try DER.sequence(node, identifier: .sequence) { nodes in
                let type = try ASN1ObjectIdentifier(derEncoded: &nodes)
                guard let value = nodes.next() else {
                    throw EncodingFault("a name attribute has no value")
                }
                return Attribute(
                    type: String(describing: type),
                    valueDER: Array(value.encodedBytes),
                    tag: value.identifier.tagNumber,
                    text: try Self.text(value)
                )
            }
        }

        private static func text(_ node: ASN1Node) throws -> String? {
            guard node.identifier.tagClass == .universal, case .primitive(let bytes) = node.content else { return nil }
            switch node.identifier {
            case .utf8String:
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw EncodingFault("a UTF8String is not UTF-8")
                }
                return text
            case .printableString, .ia5String, .visibleString, .numericString:
                guard bytes.allSatisfy({ $0 < 0x80 }) else {
                    throw EncodingFault("an ASCII string holds other bytes")
                }
                return String(decoding: bytes, as: UTF8.self)
            case .teletexString:
                // Latin-1 is what implementations meant by T.61 in practice.
                return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
            case .bmpString:
                return try Self.wide(bytes)
            default:
                return nil
            }
        }

        private static func wide(_ bytes: ArraySlice<UInt8>) throws -> String? {
            guard bytes.count % 2 == 0 else {
                throw EncodingFault("a BMPString has an odd length")
            }
            var units: [UInt16] = []
            var index = bytes.startIndex
            while index < bytes.endIndex {
                units.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
                index += 2
            }
            return String(validating: units, as: UTF16.self)
        }
    }
}
