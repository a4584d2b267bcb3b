import CountersignIdentity

/// Names as they are written (RFC 5280 section 4.1.2.4).
enum NameEncoding {
    /// The encoding of a Name: PrintableString and IA5String where the attribute's own definition wants them,
    /// UTF8String for the rest.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile` for a value that its attribute cannot have.
    static func encode(_ name: DistinguishedName) throws(PKIError) -> [UInt8] {
        try DERWriter.sequence { (levels) throws(PKIError) in
            for level in name.levels {
                var attributes: [[UInt8]] = []
                for attribute in level.attributes { attributes.append(try self.encode(attribute)) }
                // DER orders the elements of a SET OF by their encodings.
                if attributes.count > 1 { attributes.sort { $0.lexicographicallyPrecedes($1) } }
                levels.field(DERTag.set) { set in
                    for attribute in attributes { set.encoded(attribute) }
                }
            }
        }
    }

    private static func encode(_ attribute: NameAttribute) throws(PKIError) -> [UInt8] {
        let identifier = try self.identifier(of: attribute.type)
        guard let text = attribute.text else {
            guard case .encoded(let value) = attribute.value else { return [] }
            return DERWriter.sequence { pair in
                pair.encoded(identifier)
                pair.encoded(value)
            }
        }
        let tag = self.stringTag(of: attribute.type)
        let isAllowed =
            switch tag {
            case DERTag.printableString: text.utf8.allSatisfy(self.isPrintable)
            case DERTag.ia5String: text.utf8.allSatisfy { $0 < 0x80 }
            default: true
            }
        guard isAllowed, !text.isEmpty else {
            throw PKIError(
                .invalidProfile,
                "the subject attribute \(attribute.type) cannot have the value '\(PrintableText.escaped(text))'"
            )
        }
        return DERWriter.sequence { pair in
            pair.encoded(identifier)
            pair.field(tag, content: text.utf8)
        }
    }

    private static func stringTag(of type: NameAttributeType) -> UInt8 {
        switch type {
        case .country, .serialNumber: DERTag.printableString
        case .emailAddress, .domainComponent: DERTag.ia5String
        default: DERTag.utf8String
        }
    }

    /// PrintableString of ITU-T X.680.
    private static func isPrintable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: " '()+,-./:=?".utf8.contains(byte)
        }
    }

    private static func identifier(of type: NameAttributeType) throws(PKIError) -> [UInt8] {
        if let known = self.common[type.oid] { return known }
        guard let identifier = OID(dotted: type.oid) else {
            throw PKIError(.invalidProfile, "the subject attribute \(type) has an unusable object identifier")
        }
        return identifier.encoded
    }

    private static let common: [String: [UInt8]] = [
        "2.5.4.3": OID.commonName.encoded,
        "2.5.4.6": OID.country.encoded,
        "2.5.4.10": OID.organization.encoded,
        "2.5.4.11": OID.organizationalUnit.encoded,
    ]
}
