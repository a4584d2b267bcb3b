extension DERField {
    /// The content of a field that consists of bytes.
    ///
    /// - Parameter tag: The tag that it must have.
    func bytes(_ tag: UInt8) throws(EncodingFault) -> ArraySlice<UInt8> {
        guard self.tag == tag, !self.isConstructed else { throw .unexpectedField }
        return self.content
    }

    /// A BOOLEAN: one byte, all bits set or none (ITU-T X.690 section 11.1).
    ///
    /// - Parameter tag: Another tag that stands for BOOLEAN's own.
    func boolean(_ tag: UInt8 = DERTag.boolean) throws(EncodingFault) -> Bool {
        let content = try self.bytes(tag)
        guard content.count == 1, let byte = content.first, byte == 0x00 || byte == 0xFF else { throw .brokenRules }
        return byte == 0xFF
    }

    /// The content of an INTEGER of any size: big-endian, two's complement, in the fewest bytes.
    func integerContent() throws(EncodingFault) -> ArraySlice<UInt8> {
        let content = try self.bytes(DERTag.integer)
        guard let first = content.first else { throw EncodingFault("a number without digits") }
        if content.count > 1 {
            let second = content[content.startIndex + 1]
            guard !(first == 0x00 && second < 0x80), !(first == 0xFF && second >= 0x80) else {
                throw EncodingFault("a number in more bytes than it needs")
            }
        }
        return content
    }

    /// An INTEGER that fits into a machine's.
    func integer() throws(EncodingFault) -> Int {
        let content = try self.integerContent()
        guard content.count <= Int.bitWidth / 8 else { throw EncodingFault("a number that is too large") }
        let isNegative = (content.first ?? 0) >= 0x80
        return content.reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    }

    /// The content of an OCTET STRING.
    func octetString() throws(EncodingFault) -> ArraySlice<UInt8> {
        try self.bytes(DERTag.octetString)
    }

    /// A BIT STRING: its bytes, and how many bits of the last one do not belong to it, which are zero.
    ///
    /// - Parameter tag: Another tag that stands for BIT STRING's own.
    func bitString(
        _ tag: UInt8 = DERTag.bitString
    ) throws(EncodingFault) -> (bytes: ArraySlice<UInt8>, unusedBits: Int) {
        let content = try self.bytes(tag)
        guard let unused = content.first, unused < 8 else { throw .brokenRules }
        let bytes = content.dropFirst()
        guard let last = bytes.last else {
            guard unused == 0 else { throw .brokenRules }
            return (bytes, 0)
        }
        guard last & (1 << unused &- 1) == 0 else { throw .brokenRules }
        return (bytes, Int(unused))
    }

    /// A signature: a BIT STRING of whole bytes.
    func signature() throws(EncodingFault) -> [UInt8] {
        let (bytes, unusedBits) = try self.bitString()
        guard unusedBits == 0 else { throw EncodingFault("a signature that is no whole number of bytes") }
        return Array(bytes)
    }

    /// Whether it is NULL.
    var isNull: Bool { self.tag == DERTag.null && self.content.isEmpty }

    /// An OBJECT IDENTIFIER.
    func objectIdentifier() throws(EncodingFault) -> OID {
        guard let identifier = OID(content: try self.bytes(DERTag.objectIdentifier)) else { throw .brokenRules }
        return identifier
    }

    /// The identifier of an AlgorithmIdentifier (RFC 5280 section 4.1.1.2) and its parameters, where it has any.
    func algorithm() throws(EncodingFault) -> (identifier: OID, parameters: DERField?) {
        var fields = try self.fields()
        let algorithm = (identifier: try fields.any().objectIdentifier(), parameters: fields.next())
        try fields.end()
        return algorithm
    }

    /// One Extension (RFC 5280 section 4.1): its identifier, whether it is critical, and its value's OCTET STRING.
    func certificateExtension() throws(EncodingFault) -> (identifier: OID, isCritical: Bool, value: DERField) {
        var fields = try self.fields()
        let identifier = try fields.any().objectIdentifier()
        let isCritical = try fields.booleanOrFalse()
        let value = try fields.any()
        _ = try value.octetString()
        try fields.end()
        return (identifier, isCritical, value)
    }
}

extension DERFields {
    /// A BOOLEAN that is false by default, and then is not written (ITU-T X.690 section 11.5).
    ///
    /// - Parameter tag: Another tag that stands for BOOLEAN's own.
    mutating func booleanOrFalse(_ tag: UInt8 = DERTag.boolean) throws(EncodingFault) -> Bool {
        guard let field = self.optional(tag) else { return false }
        guard try field.boolean(tag) else { throw .brokenRules }
        return true
    }

    /// A version behind the explicit tag 0, as people count it: from 1, which is the default, and then not written.
    ///
    /// - Parameter last: The last version that is known.
    mutating func version(upTo last: Int) throws(EncodingFault) -> Int {
        guard let field = self.optional(DERTag.constructed(0)) else { return 1 }
        let number = try field.onlyField().integer()
        guard number > 0, number < last else { throw EncodingFault("the version number \(number)") }
        return number + 1
    }

    /// Extensions, none of them twice; there may be none, which tools write as an empty list.
    ///
    /// - Parameter limit: The most that are read.
    mutating func certificateExtensions(
        upTo limit: Int = CertificateExtensions.maximumCount
    ) throws(EncodingFault) -> [(identifier: OID, isCritical: Bool, value: DERField)] {
        var extensions: [(identifier: OID, isCritical: Bool, value: DERField)] = []
        while let field = self.next() {
            let found = try field.certificateExtension()
            guard extensions.count < limit, !extensions.contains(where: { $0.identifier == found.identifier }) else {
                throw EncodingFault("extension \(found.identifier) twice, or too many extensions")
            }
            extensions.append(found)
        }
        return extensions
    }
}
