import SwiftASN1

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
                algorithm.objectIdentifier(ObjectIdentifiers.pbes2)
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

    private var cipherIdentifier: ASN1ObjectIdentifier {
        switch self.keySize {
        case 16: ObjectIdentifiers.aes128CBC
        case 24: ObjectIdentifiers.aes192CBC
        default: ObjectIdentifiers.aes256CBC
        }
    }

    private func writeDerivation(to algorithm: inout DERWriter) {
        switch self.derivation {
        case .scrypt(let cost, let blockSize, let parallelism):
            algorithm.objectIdentifier(ObjectIdentifiers.scrypt)
            algorithm.sequence { parameters in
                parameters.field(DERTag.octetString, content: self.salt)
                parameters.integer(Int64(cost))
                parameters.integer(Int64(blockSize))
                parameters.integer(Int64(parallelism))
            }
        case .pbkdf2(let iterations, let digest):
            algorithm.objectIdentifier(ObjectIdentifiers.pbkdf2)
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

    private static func identifier(of digest: KeyDerivation.Digest) -> ASN1ObjectIdentifier {
        switch digest {
        case .sha1: ObjectIdentifiers.hmacWithSHA1
        case .sha256: ObjectIdentifiers.hmacWithSHA256
        case .sha384: ObjectIdentifiers.hmacWithSHA384
        case .sha512: ObjectIdentifiers.hmacWithSHA512
        }
    }
}

extension EncryptedKeyWire {
    /// Reads the encoding.
    ///
    /// - Throws: ``EncodingFault`` in words for the operator, or an `ASN1Error`.
    init(derEncoded node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { info in
            guard let algorithm = info.next() else { throw EncodingFault("no algorithm") }
            var wire = try DER.sequence(algorithm, identifier: .sequence) { fields in
                guard try ASN1ObjectIdentifier(derEncoded: &fields) == ObjectIdentifiers.pbes2,
                    let parameters = fields.next()
                else {
                    throw EncodingFault("it uses an old scheme; convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc")
                }
                return try Self(parametersOf: parameters)
            }
            wire.content = Array(try ASN1OctetString(derEncoded: &info).bytes)
            return wire
        }
    }

    /// PBES2-params.
    private init(parametersOf node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let derivationNode = nodes.next(), let cipher = nodes.next() else {
                throw EncodingFault("a parameter is missing")
            }
            let (derivation, salt, size) = try Self.derivation(derivationNode)
            return try DER.sequence(cipher, identifier: .sequence) { fields in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &fields)
                let sizes = [
                    ObjectIdentifiers.aes128CBC: 16, ObjectIdentifiers.aes192CBC: 24, ObjectIdentifiers.aes256CBC: 32,
                ]
                guard let keySize = sizes[identifier] else {
                    throw EncodingFault("its cipher \(identifier) is not supported; AES in CBC mode is")
                }
                let vector = Array(try ASN1OctetString(derEncoded: &fields).bytes)
                guard vector.count == 16, size == nil || size == keySize else {
                    throw EncodingFault("its cipher's parameters do not fit")
                }
                return Self(
                    derivation: derivation,
                    salt: salt,
                    keySize: keySize,
                    initializationVector: vector,
                    content: []
                )
            }
        }
    }

    private static func derivation(_ node: ASN1Node) throws -> (KeyDerivation, salt: [UInt8], size: Int?) {
        try DER.sequence(node, identifier: .sequence) { fields in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &fields)
            guard let parameters = fields.next() else { throw EncodingFault("a parameter is missing") }
            return try DER.sequence(parameters, identifier: .sequence) { nodes in
                let salt = Array(try ASN1OctetString(derEncoded: &nodes).bytes)
                guard salt.count <= Self.maximumSaltSize else { throw EncodingFault("its salt is too long") }
                switch identifier {
                case ObjectIdentifiers.scrypt:
                    let cost = try Int(derEncoded: &nodes)
                    let blockSize = try Int(derEncoded: &nodes)
                    let parallelism = try Int(derEncoded: &nodes)
                    let size = try nodes.next().map { try Int(derEncoded: $0) }
                    return (.scrypt(cost: cost, blockSize: blockSize, parallelism: parallelism), salt, size)
                case ObjectIdentifiers.pbkdf2:
                    let iterations = try Int(derEncoded: &nodes)
                    var next = nodes.next()
                    let size = try next.flatMap { $0.identifier == .integer ? try Int(derEncoded: $0) : nil }
                    if size != nil { next = nodes.next() }
                    let digest = try next.map { try Self.digest($0) } ?? .sha1
                    return (.pbkdf2(iterations: iterations, digest: digest), salt, size)
                default:
                    throw EncodingFault("its key derivation \(identifier) is not supported; scrypt and PBKDF2 are")
                }
            }
        }
    }

    private static func digest(_ node: ASN1Node) throws -> KeyDerivation.Digest {
        try DER.sequence(node, identifier: .sequence) { fields in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &fields)
            _ = fields.next()
            let known: [KeyDerivation.Digest] = [.sha1, .sha256, .sha384, .sha512]
            guard let digest = known.first(where: { Self.identifier(of: $0) == identifier }) else {
                throw EncodingFault("PBKDF2 with the function \(identifier) is not supported; HMAC with SHA-256 is")
            }
            return digest
        }
    }

    private static let maximumSaltSize = 1_024
}
