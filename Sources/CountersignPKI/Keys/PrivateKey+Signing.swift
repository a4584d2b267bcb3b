import Crypto
import _CryptoExtras

extension PrivateKey {
    /// Signs with the algorithm that `algorithmIdentifier` names.
    ///
    /// - Throws: ``PKIError`` with `signingFailed` when the cryptography library refuses.
    package func signature(over content: [UInt8]) throws(PKIError) -> [UInt8] {
        do {
            return switch self.backing {
            case .p256(let key): Array(try key.signature(for: SHA256.hash(data: content)).derRepresentation)
            case .p384(let key): Array(try key.signature(for: SHA384.hash(data: content)).derRepresentation)
            case .p521(let key): Array(try key.signature(for: SHA512.hash(data: content)).derRepresentation)
            case .rsa(let key):
                Array(
                    try key.signature(for: SHA256.hash(data: content), padding: .insecurePKCS1v1_5).rawRepresentation
                )
            case .ed25519(let key): Array(try key.signature(for: content))
            }
        } catch {
            throw PKIError(.signingFailed, "the cryptography library could not sign with the \(self)")
        }
    }

    /// What ``signature(over:)`` signs with.
    package var signingAlgorithm: SignatureAlgorithm {
        switch self.backing {
        case .p256: .ecdsa(.sha256)
        case .p384: .ecdsa(.sha384)
        case .p521: .ecdsa(.sha512)
        case .rsa: .rsaPKCS1(.sha256)
        case .ed25519: .ed25519
        }
    }

    /// The AlgorithmIdentifier of signatures by this key: the digest fits the key's strength.
    var algorithmIdentifier: [UInt8] {
        switch self.backing {
        case .p256: Self.ecdsaWithSHA256
        case .p384: Self.ecdsaWithSHA384
        case .p521: Self.ecdsaWithSHA512
        case .rsa: Self.rsaWithSHA256
        case .ed25519: Self.ed25519
        }
    }

    private static let ecdsaWithSHA256 = Self.identifier([1, 2, 840, 10045, 4, 3, 2])
    private static let ecdsaWithSHA384 = Self.identifier([1, 2, 840, 10045, 4, 3, 3])
    private static let ecdsaWithSHA512 = Self.identifier([1, 2, 840, 10045, 4, 3, 4])
    private static let rsaWithSHA256 = Self.identifier([1, 2, 840, 113549, 1, 1, 11], null: true)
    private static let ed25519 = Self.identifier(.ed25519)

    /// RFC 4055 section 5 has NULL parameters for RSA; RFC 5758 and RFC 8410 have none for the others.
    private static func identifier(_ algorithm: OID, null: Bool = false) -> [UInt8] {
        DERWriter.sequence { fields in
            fields.objectIdentifier(algorithm)
            if null { fields.field(DERTag.null, content: []) }
        }
    }
}
