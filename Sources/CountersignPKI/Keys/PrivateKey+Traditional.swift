import Crypto
import _CryptoExtras

extension PrivateKey {
    /// The key in the PEM form of its own algorithm: `EC PRIVATE KEY` (RFC 5915) or `RSA PRIVATE KEY` (RFC 8017), and
    /// PKCS#8 for Ed25519, which has no other: a secret.
    package var pemTraditional: String {
        switch self.backing {
        case .p256(let key): Self.pemSEC1(key.rawRepresentation, self.publicKey.keyBits, .curveP256)
        case .p384(let key): Self.pemSEC1(key.rawRepresentation, self.publicKey.keyBits, .curveP384)
        case .p521(let key): Self.pemSEC1(key.rawRepresentation, self.publicKey.keyBits, .curveP521)
        case .rsa(let key): PEMBlock.text(label: "RSA PRIVATE KEY", der: Array(key.derRepresentation))
        case .ed25519: self.pemPKCS8
        }
    }

    /// A new key on P-521, which no profile asks for but a requester may.
    ///
    /// - Throws: ``PKIError`` with `signingFailed` when the cryptography library refuses.
    package static func generateP521() throws(PKIError) -> PrivateKey {
        try PrivateKey(derPKCS8: Array(P521.Signing.PrivateKey(compactRepresentable: false).derRepresentation))
    }

    /// A new Ed25519 key, which no profile asks for but a requester may.
    ///
    /// - Throws: ``PKIError`` with `signingFailed` when the cryptography library refuses.
    package static func generateEd25519() throws(PKIError) -> PrivateKey {
        let seed = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
        return try PrivateKey(
            derPKCS8: DERWriter.sequence { fields in
                fields.integer(0)
                fields.sequence { $0.objectIdentifier(.ed25519) }
                fields.field(DERTag.octetString) { $0.field(DERTag.octetString, content: seed) }
            }
        )
    }

    private static func pemSEC1(
        _ scalar: some Collection<UInt8>,
        _ point: [UInt8],
        _ curve: OID
    ) -> String {
        let der = DERWriter.sequence { fields in
            fields.integer(1)
            fields.field(DERTag.octetString, content: scalar)
            fields.field(DERTag.constructed(0)) { $0.objectIdentifier(curve) }
            fields.field(DERTag.constructed(1)) { $0.bitString(point) }
        }
        return PEMBlock.text(label: "EC PRIVATE KEY", der: der)
    }
}
