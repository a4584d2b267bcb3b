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
    func bitString() throws(EncodingFault) -> (bytes: ArraySlice<UInt8>, unusedBits: Int) {
        let content = try self.bytes(DERTag.bitString)
        guard let unused = content.first, unused < 8 else { throw .brokenRules }
        let bytes = content.dropFirst()
        guard let last = bytes.last else {
            guard unused == 0 else { throw .brokenRules }
            return (bytes, 0)
        }
        guard last & (1 << unused &- 1) == 0 else { throw .brokenRules }
        return (bytes, Int(unused))
    }

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
    mutating func booleanOrFalse() throws(EncodingFault) -> Bool {
        guard let field = self.optional(DERTag.boolean) else { return false }
        guard try field.boolean() else { throw .brokenRules }
        return true
    }

    /// A version number behind the explicit tag 0, which is 0 by default, and then is not written.
    mutating func versionOrZero() throws(EncodingFault) -> Int {
        guard let field = self.optional(DERTag.constructed(0)) else { return 0 }
        let version = try field.onlyField().integer()
        guard version != 0 else { throw .brokenRules }
        return version
    }
}
