/// EncryptedPrivateKeyInfo (RFC 5958 section 3) with PBES2 (RFC 8018 section 6.2), AES in CBC mode.
struct EncryptedKeyWire {
    var derivation: KeyDerivation
    var salt: [UInt8]
    /// The size of the AES key in bytes: 16, 24 or 32.
    var keySize: Int
    var initializationVector: [UInt8]
    var content: [UInt8]

    /// The encoding.
    var encoded: [UInt8] {
        DERWriter.sequence { info in
            info.sequence { algorithm in
                algorithm.objectIdentifier(.pbes2)
                algorithm.sequence { parameters in
                    parameters.sequence { self.writeDerivation(to: &$0) }
                    parameters.sequence { cipher in
                        cipher.objectIdentifier(self.cipherIdentifier)
                        cipher.field(DERTag.octetString, content: self.initializationVector)
                    }
                }
            }
            info.field(DERTag.octetString, content: self.content)
        }
    }

    private var cipherIdentifier: OID {
        switch self.keySize {
        case 16: .aes128CBC
        case 24: .aes192CBC
        default: .aes256CBC
        }
    }

    private func writeDerivation(to algorithm: inout DERWriter) {
        switch self.derivation {
        case .scrypt(let cost, let blockSize, let parallelism):
            algorithm.objectIdentifier(.scrypt)
            algorithm.sequence { parameters in
                parameters.field(DERTag.octetString, content: self.salt)
                parameters.integer(Int64(cost))
                parameters.integer(Int64(blockSize))
                parameters.integer(Int64(parallelism))
            }
        case .pbkdf2(let iterations, let digest):
            algorithm.objectIdentifier(.pbkdf2)
            algorithm.sequence { parameters in
                parameters.field(DERTag.octetString, content: self.salt)
                parameters.integer(Int64(iterations))
                // The algorithm's default, which DER leaves out, is HMAC with SHA-1.
                guard digest != .sha1 else { return }
                parameters.sequence { function in
                    function.objectIdentifier(Self.identifier(of: digest))
                    function.field(DERTag.null, content: [])
                }
            }
        }
    }

    private static func identifier(of digest: KeyDerivation.Digest) -> OID {
        switch digest {
        case .sha1: .hmacWithSHA1
        case .sha256: .hmacWithSHA256
        case .sha384: .hmacWithSHA384
        case .sha512: .hmacWithSHA512
        }
    }
}

extension EncryptedKeyWire {
    /// Reads the encoding.
    init(_ field: DERField) throws(EncodingFault) {
        var info = try field.fields()
        var algorithm = try info.next(orFault: EncodingFault("no algorithm")).fields()
        guard try algorithm.any().objectIdentifier() == .pbes2, let parameters = algorithm.next() else {
            throw EncodingFault("it uses an old scheme; convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc")
        }
        try algorithm.end()
        self.content = Array(try info.any().octetString())
        try info.end()

        // PBES2-params.
        var schemes = try parameters.fields()
        let missing = EncodingFault("a parameter is missing")
        let size: Int?
        (self.derivation, self.salt, size) = try Self.derivation(schemes.next(orFault: missing))
        var cipher = try schemes.next(orFault: missing).fields()
        try schemes.end()
        let identifier = try cipher.any().objectIdentifier()
        guard let keySize = Self.keySizes[identifier] else {
            throw EncodingFault("its cipher \(identifier) is not supported; AES in CBC mode is")
        }
        self.keySize = keySize
        self.initializationVector = Array(try cipher.any().octetString())
        try cipher.end()
        guard self.initializationVector.count == 16, size == nil || size == keySize else {
            throw EncodingFault("its cipher's parameters do not fit")
        }
    }

    private static func derivation(
        _ field: DERField
    ) throws(EncodingFault) -> (KeyDerivation, salt: [UInt8], size: Int?) {
        let (identifier, parameters) = try field.algorithm()
        guard var fields = try parameters?.fields() else { throw EncodingFault("a parameter is missing") }
        let salt = Array(try fields.any().octetString())
        guard salt.count <= Self.maximumSaltSize else { throw EncodingFault("its salt is too long") }
        let derivation: KeyDerivation
        let size: Int?
        switch identifier {
        case .scrypt:
            derivation = .scrypt(
                cost: try fields.any().integer(),
                blockSize: try fields.any().integer(),
                parallelism: try fields.any().integer()
            )
            size = try fields.next()?.integer()
        case .pbkdf2:
            let iterations = try fields.any().integer()
            size = try fields.optional(DERTag.integer)?.integer()
            derivation = .pbkdf2(iterations: iterations, digest: try Self.digest(fields.next()))
        default:
            throw EncodingFault("its key derivation \(identifier) is not supported; scrypt and PBKDF2 are")
        }
        try fields.end()
        return (derivation, salt, size)
    }

    /// The digest of a pseudorandom function; HMAC with SHA-1 where none is named.
    private static func digest(_ field: DERField?) throws(EncodingFault) -> KeyDerivation.Digest {
        guard let identifier = try field?.algorithm().identifier else { return .sha1 }
        let known: [KeyDerivation.Digest] = [.sha1, .sha256, .sha384, .sha512]
        guard let digest = known.first(where: { Self.identifier(of: $0) == identifier }) else {
            throw EncodingFault("PBKDF2 with the function \(identifier) is not supported; HMAC with SHA-256 is")
        }
        return digest
    }

    private static let keySizes: [OID: Int] = [.aes128CBC: 16, .aes192CBC: 24, .aes256CBC: 32]
    private static let maximumSaltSize = 1_024
}
