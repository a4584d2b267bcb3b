import Crypto
import _CryptoExtras

/// A private key for certificates: ECDSA on P-256, P-384 or P-521, RSA of at least 2048 bits, or Ed25519.
///
/// The key never appears in descriptions or errors; only what says that it is a secret has its bytes.
public struct PrivateKey: Sendable {
    let backing: Backing

    /// The public half.
    package let publicKey: SubjectPublicKey

    /// The kinds of key that can be generated.
    public enum Kind: String, Sendable, CaseIterable {
        /// ECDSA on NIST P-256.
        case p256
        /// ECDSA on NIST P-384.
        case p384
        /// RSA with a modulus of 2048 bits.
        case rsa2048
        /// RSA with a modulus of 3072 bits.
        case rsa3072
        /// RSA with a modulus of 4096 bits.
        case rsa4096
    }

    /// Generates a key from the system's randomness.
    ///
    /// - Throws: ``PKIError`` with `signingFailed` when the cryptography library refuses.
    public static func generate(_ kind: Kind) throws(PKIError) -> PrivateKey {
        switch kind {
        case .p256: try PrivateKey(.p256(Self.random(bits: 256) { try P256.Signing.PrivateKey(rawRepresentation: $0) }))
        case .p384: try PrivateKey(.p384(Self.random(bits: 384) { try P384.Signing.PrivateKey(rawRepresentation: $0) }))
        case .rsa2048: try self.generateRSA(.bits2048)
        case .rsa3072: try self.generateRSA(.bits3072)
        case .rsa4096: try self.generateRSA(.bits4096)
        }
    }

    /// Reads the one private key of a PEM text: PKCS#8, SEC1 or PKCS#1.
    ///
    /// Certificates beside it are skipped, as in a file that holds both.
    ///
    /// - Throws: ``PKIError`` with `nothingFound`, `unexpectedBlock` (two keys), `encryptedKey`, `malformedKey`,
    ///   `unsupportedKey`, `weakKey`, `malformedPEM` or `tooLarge`.
    public init(pem: String) throws(PKIError) {
        try self.init(pem: Array(pem.utf8))
    }

    /// Reads the one private key of the bytes of a PEM text: PKCS#8, SEC1 or PKCS#1.
    ///
    /// - Throws: ``PKIError`` as the initializer that takes a string does.
    public init(pem: [UInt8]) throws(PKIError) {
        try self.init(pem: pem, passphrase: nil)
    }

    /// Reads the one private key of the bytes of a PEM text, which may be encrypted (PKCS#8 with PBES2).
    ///
    /// - Throws: ``PKIError`` as `init(pem:)` does, and `wrongPassphrase`. A key that is not encrypted is read
    ///   whatever the passphrase.
    package init(pem: [UInt8], passphrase: Passphrase?) throws(PKIError) {
        let blocks = try PEMDocuments(parsing: pem).blocks
        let keys = blocks.filter { $0.label.hasSuffix("PRIVATE KEY") }
        guard let key = keys.first else {
            throw PKIError(.nothingFound, "the text holds no private key block; found \(blocks[0].label)")
        }
        guard keys.count == 1 else {
            throw PKIError(
                .unexpectedBlock,
                "the text holds \(keys.count) private keys; exactly one is expected",
                line: keys[1].line
            )
        }
        switch key.label {
        case Self.encryptedLabel: try self.init(derEncrypted: key.der, passphrase: passphrase, line: key.line)
        case "PRIVATE KEY": try self.init(derPKCS8: key.der, line: key.line)
        case "EC PRIVATE KEY": try self.init(derSEC1: key.der, curve: nil, line: key.line)
        case "RSA PRIVATE KEY": try self.init(derPKCS1: key.der, line: key.line)
        default:
            throw PKIError(
                .unsupportedKey,
                "a \(key.label) block is not supported; use PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY",
                line: key.line
            )
        }
    }

    /// Reads a PKCS#8 encoding (RFC 5208).
    ///
    /// - Throws: ``PKIError`` with `malformedKey`, `unsupportedKey` or `weakKey`.
    package init(derPKCS8 der: [UInt8], line: Int? = nil) throws(PKIError) {
        let wire: PKCS8Wire
        do {
            wire = try PKCS8Wire(DERField(parsing: der))
        } catch {
            throw PKIError(.malformedKey, "the private key is not a PKCS#8 encoding", line: line)
        }
        switch wire.algorithm {
        case .ecPublicKey:
            try self.init(derSEC1: wire.key, curve: wire.curve, line: line)
        case .rsaEncryption:
            try self.init(derPKCS1: wire.key, line: line)
        case .ed25519:
            guard let seed = try? DERField(parsing: wire.key).octetString(),
                let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            else { throw PKIError(.malformedKey, "the Ed25519 private key is damaged", line: line) }
            try self.init(.ed25519(key))
        default:
            throw PKIError(
                .unsupportedKey,
                "a private key of algorithm \(wire.algorithm) is not supported; use ECDSA P-256 or P-384, or RSA",
                line: line
            )
        }
    }

    /// Reads a DER encoding of any of the forms that a PEM block may hold; nil when it is none of them.
    package init?(der: [UInt8]) {
        if let key = try? PrivateKey(derPKCS8: der) {
            self = key
        } else if let key = try? PrivateKey(derSEC1: der, curve: nil, line: nil) {
            self = key
        } else if let key = try? PrivateKey(derPKCS1: der, line: nil) {
            self = key
        } else {
            return nil
        }
    }

    /// The key in PKCS#8: a secret.
    package var derPKCS8: [UInt8] {
        switch self.backing {
        case .p256(let key): Array(key.derRepresentation)
        case .p384(let key): Array(key.derRepresentation)
        case .p521(let key): Array(key.derRepresentation)
        case .rsa(let key): Array(key.pkcs8DERRepresentation)
        case .ed25519(let key): Self.ed25519Prefix + Array(key.rawRepresentation)
        }
    }

    /// The key as a PKCS#8 PEM block: a secret.
    package var pemPKCS8: String {
        PEMBlock.text(label: "PRIVATE KEY", der: self.derPKCS8)
    }

    /// Whether this is the private half of the certificate's key.
    package func matches(_ certificate: ParsedCertificate) -> Bool {
        certificate.publicKey.derEncoded == self.publicKey.derEncoded
    }

    /// Whether this is the private half of the key in a DER-encoded certificate; false when that does not parse.
    public func matches(certificateDER der: [UInt8]) -> Bool {
        guard let certificate = try? ParsedCertificate(der: der) else { return false }
        return self.matches(certificate)
    }

    /// The key as the cryptography library holds it.
    enum Backing: Sendable {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)

        /// The public half; nil when it cannot be encoded.
        var publicKey: SubjectPublicKey? {
            switch self {
            case .p256(let key): SubjectPublicKey(key.publicKey)
            case .p384(let key): SubjectPublicKey(kind: .p384, keyBits: Array(key.publicKey.x963Representation))
            case .p521(let key): SubjectPublicKey(kind: .p521, keyBits: Array(key.publicKey.x963Representation))
            case .rsa(let key): try? SubjectPublicKey(DERField(parsing: Array(key.publicKey.derRepresentation)))
            case .ed25519(let key): SubjectPublicKey(kind: .ed25519, keyBits: Array(key.publicKey.rawRepresentation))
            }
        }
    }

    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of key alone.
    public var description: String {
        "\(self.publicKey.kind.name) private key"
    }

    /// The kind of key alone.
    public var debugDescription: String {
        self.description
    }

    /// Nothing: a dump of a structure that holds a key must not show it.
    public var customMirror: Mirror {
        Mirror(self, children: [])
    }
}

extension PrivateKey {
    private init(_ backing: Backing) throws(PKIError) {
        guard let publicKey = backing.publicKey else {
            throw PKIError(.malformedKey, "the public half of the private key cannot be encoded")
        }
        self.backing = backing
        self.publicKey = publicKey
    }

    /// A key of random numbers of that length, of which the first counts that is one (FIPS 186-5 section A.2.2).
    ///
    /// The library's own way of making a key has each sign, and verifies that: a test of FIPS 140-3 for broken hardware, which
    /// costs several times what the key does.
    private static func random<Key>(
        bits: Int,
        _ make: (SymmetricKey) throws -> Key
    ) throws(PKIError) -> Key {
        // Of 2^32 numbers, one is too large.
        for _ in 0..<8 {
            if let key = try? make(SymmetricKey(size: SymmetricKeySize(bitCount: bits))) { return key }
        }
        throw PKIError(.signingFailed, "the cryptography library could not generate a key")
    }

    private static func generateRSA(_ size: _RSA.Signing.KeySize) throws(PKIError) -> PrivateKey {
        guard let key = try? _RSA.Signing.PrivateKey(keySize: size) else {
            throw PKIError(.signingFailed, "the cryptography library could not generate an RSA key")
        }
        return try PrivateKey(.rsa(key))
    }

    /// RSAPrivateKey of RFC 8017.
    private init(derPKCS1 der: [UInt8], line: Int?) throws(PKIError) {
        guard let bits = try? Self.modulusBits(der) else {
            throw PKIError(.malformedKey, "the RSA private key is damaged or encrypted", line: line)
        }
        guard bits >= SubjectPublicKey.minimumRSABits else {
            throw PKIError(
                .weakKey,
                "the RSA private key has \(bits) bits; at least \(SubjectPublicKey.minimumRSABits) are needed",
                line: line
            )
        }
        guard bits <= SubjectPublicKey.maximumRSABits, let key = try? _RSA.Signing.PrivateKey(derRepresentation: der)
        else { throw PKIError(.malformedKey, "the RSA private key of \(bits) bits is not usable", line: line) }
        try self.init(.rsa(key))
    }

    private static func modulusBits(_ der: [UInt8]) throws(EncodingFault) -> Int {
        var numbers = try DERField(parsing: der).fields()
        _ = try numbers.any().integerContent()
        let modulus = try numbers.any().integerContent().drop { $0 == 0 }
        return modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
    }

    /// ECPrivateKey of RFC 5915; `curve` is what surrounds it in PKCS#8.
    private init(derSEC1 der: [UInt8], curve: OID?, line: Int?) throws(PKIError) {
        let wire: SEC1Wire
        do {
            wire = try SEC1Wire(DERField(parsing: der))
        } catch {
            throw PKIError(.malformedKey, "the elliptic curve private key is damaged or encrypted", line: line)
        }
        guard let named = curve ?? wire.curve, wire.curve == nil || wire.curve == named else {
            throw PKIError(.malformedKey, "the elliptic curve private key does not name its curve", line: line)
        }
        let backing: Backing?
        switch named {
        case .curveP256:
            backing = (try? P256.Signing.PrivateKey(rawRepresentation: wire.scalar)).map(Backing.p256)
        case .curveP384:
            backing = (try? P384.Signing.PrivateKey(rawRepresentation: wire.scalar)).map(Backing.p384)
        case .curveP521:
            backing = (try? P521.Signing.PrivateKey(rawRepresentation: wire.scalar)).map(Backing.p521)
        default:
            throw PKIError(
                .unsupportedKey,
                "a private key on the curve \(named) is not supported; use P-256 or P-384",
                line: line
            )
        }
        guard let backing else {
            throw PKIError(.malformedKey, "the elliptic curve private key is out of range", line: line)
        }
        try self.init(backing)
    }
}
