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
        /// Which attribute it is.
        package let type: OID
        /// The whole value, encoded.
        package let valueDER: ArraySlice<UInt8>
        /// The value as text where it is a string; nil otherwise.
        package let text: String?
    }

    /// The most attributes that a name may have.
    package static let maximumAttributes = 64
}

extension RelativeNames {
    /// Reads a Name.
    init(_ field: DERField) throws(EncodingFault) {
        var components: [[Attribute]] = []
        var count = 0
        for set in try field.fields() {
            var attributes: [Attribute] = []
            var last: ArraySlice<UInt8> = []
            for field in try set.fields(DERTag.set) {
                // DER orders the elements of a SET OF by their encodings.
                guard attributes.isEmpty || !field.encoded.lexicographicallyPrecedes(last) else { throw .brokenRules }
                last = field.encoded
                attributes.append(try Attribute(field))
            }
            count += attributes.count
            guard !attributes.isEmpty, count <= Self.maximumAttributes else {
                throw EncodingFault("a name component is empty or the name is too long")
            }
            components.append(attributes)
        }
        self.components = components
    }

    /// Reads a Name from its encoding.
    init(der: [UInt8]) throws(EncodingFault) {
        try self.init(DERField(parsing: der))
    }
}

extension RelativeNames.Attribute {
    /// Reads an AttributeTypeAndValue.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        self.type = try fields.any().objectIdentifier()
        let value = try fields.next(orFault: EncodingFault("a name attribute has no value"))
        try fields.end()
        self.valueDER = value.encoded
        self.text = try Self.text(value)
    }

    private static func text(_ field: DERField) throws(EncodingFault) -> String? {
        let bytes = field.content
        switch field.tag {
        case DERTag.utf8String:
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EncodingFault("a UTF8String is not UTF-8")
            }
            return text
        case DERTag.printableString, DERTag.ia5String, DERTag.visibleString, DERTag.numericString:
            guard bytes.allSatisfy({ $0 < 0x80 }) else {
                throw EncodingFault("an ASCII string holds other bytes")
            }
            return String(decoding: bytes, as: UTF8.self)
        case DERTag.teletexString:
            // Latin-1 is what implementations meant by T.61 in practice.
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        case DERTag.bmpString:
            return try Self.wide(bytes)
        default:
            return nil
        }
    }

    private static func wide(_ bytes: ArraySlice<UInt8>) throws(EncodingFault) -> String? {
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
