import X509

@testable import CountersignPKI

extension PrivateKey {
    /// The key as the certificate library takes it for signing.
    var signer: Certificate.PrivateKey {
        switch self.backing {
        case .p256(let key): Certificate.PrivateKey(key)
        case .p384(let key): Certificate.PrivateKey(key)
        case .p521(let key): Certificate.PrivateKey(key)
        case .rsa(let key): Certificate.PrivateKey(key)
        case .ed25519(let key): Certificate.PrivateKey(key)
        }
    }

    /// The signature algorithm that fits the key's strength.
    var signatureAlgorithm: Certificate.SignatureAlgorithm {
        switch self.backing {
        case .p256: .ecdsaWithSHA256
        case .p384: .ecdsaWithSHA384
        case .p521: .ecdsaWithSHA512
        case .rsa: .sha256WithRSAEncryption
        case .ed25519: .ed25519
        }
    }
}
