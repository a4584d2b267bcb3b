extension SubjectPublicKey {
    /// The key of that kind with this point; nil when it is a kind that is no point, or cannot be read.
    ///
    /// A point that is not on the curve makes a key that is not strong.
    ///
    /// - Parameters:
    ///   - kind: ECDSA on a curve, or Ed25519.
    ///   - keyBits: An uncompressed point (SEC 1 section 2.3.3), or the 32 bytes of RFC 8032.
    init?(kind: Kind, keyBits: [UInt8]) {
        let algorithm: [OID]
        switch kind {
        case .p256: algorithm = [.ecPublicKey, .curveP256]
        case .p384: algorithm = [.ecPublicKey, .curveP384]
        case .p521: algorithm = [.ecPublicKey, .curveP521]
        case .ed25519: algorithm = [.ed25519]
        case .rsa, .unknown: return nil
        }
        self.init(der: Self.encoding(algorithm, keyBits: keyBits))
    }

    /// The encoding of a key whose algorithm has no parameters but the name of a curve.
    ///
    /// - Parameters:
    ///   - algorithm: The algorithm and, where there is one, the curve.
    ///   - keyBits: The content of the BIT STRING.
    static func encoding(_ algorithm: [OID], keyBits: [UInt8]) -> [UInt8] {
        DERWriter.sequence { info in
            info.sequence { for identifier in algorithm { $0.objectIdentifier(identifier) } }
            info.bitString(keyBits)
        }
    }

    /// The RSA key of these numbers, big-endian; nil when they cannot be encoded.
    init?(rsaModulus: [UInt8], exponent: [UInt8]) {
        let key = DERWriter.sequence { numbers in
            numbers.integer(content: IntegerContent.content(ofMagnitude: rsaModulus))
            numbers.integer(content: IntegerContent.content(ofMagnitude: exponent))
        }
        self.init(
            der: DERWriter.sequence { info in
                info.sequence { algorithm in
                    algorithm.objectIdentifier(.rsaEncryption)
                    algorithm.field(DERTag.null, content: [])
                }
                info.bitString(key)
            }
        )
    }

    private init?(der: [UInt8]) {
        guard let key = try? SubjectPublicKey(DERField(parsing: der)) else { return nil }
        self = key
    }
}
