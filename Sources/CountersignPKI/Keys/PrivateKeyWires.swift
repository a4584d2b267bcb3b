/// PrivateKeyInfo of RFC 5208 and OneAsymmetricKey of RFC 5958, as far as a key needs.
struct PKCS8Wire {
    let algorithm: OID
    let curve: OID?
    let key: [UInt8]

    init(_ field: DERField) throws(EncodingFault) {
        // Attributes and the public key may follow; nothing in them is needed.
        var fields = try field.fields()
        guard (0...1).contains(try fields.any().integer()), let algorithm = fields.next() else {
            throw EncodingFault("an unknown version, or no algorithm")
        }
        let (identifier, parameters) = try algorithm.algorithm()
        self.algorithm = identifier
        self.curve = identifier == .ecPublicKey ? try parameters?.objectIdentifier() : nil
        self.key = Array(try fields.any().octetString())
    }
}

/// ECPrivateKey of RFC 5915, as far as a key needs.
struct SEC1Wire {
    let scalar: [UInt8]
    let curve: OID?

    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        guard try fields.any().integer() == 1 else {
            throw EncodingFault("an unknown version")
        }
        self.scalar = Array(try fields.any().octetString())
        self.curve = try fields.optional(DERTag.constructed(0))?.onlyField().objectIdentifier()
    }
}
