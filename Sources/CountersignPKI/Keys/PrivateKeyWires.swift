/// PrivateKeyInfo of RFC 5208 and OneAsymmetricKey of RFC 5958, as far as a key needs.
struct PKCS8Wire {
    let algorithm: OID
    let curve: OID?
    let key: [UInt8]

    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        guard (0...1).contains(try fields.any().integer()), let algorithm = fields.next() else {
            throw EncodingFault("an unknown version, or no algorithm")
        }
        let (identifier, parameters) = try algorithm.algorithm()
        self.algorithm = identifier
        self.curve = identifier == .ecPublicKey ? try parameters?.objectIdentifier() : nil
        self.key = Array(try fields.any().octetString())
        // Attributes and the public key; nothing in them is needed.
        _ = fields.optional(DERTag.constructed(0))
        if let publicKey = fields.optional(DERTag.primitive(1)) { _ = try publicKey.bitString(DERTag.primitive(1)) }
        // Older writers of Ed25519 keys have an explicit tag where RFC 5958 has an implicit one.
        if let publicKey = fields.optional(DERTag.constructed(1)) { _ = try publicKey.onlyField().bitString() }
        try fields.end()
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
        // The public key follows from the private one.
        _ = try fields.optional(DERTag.constructed(1))?.onlyField().bitString()
        try fields.end()
    }
}
