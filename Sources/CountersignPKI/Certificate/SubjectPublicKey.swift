import Crypto
import _CryptoExtras

/// A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): what the key is, whether it is strong, and its verification.
package struct SubjectPublicKey: Sendable {
    /// The kind of key and, where it matters, its size.
    package let kind: Kind

    /// The whole SubjectPublicKeyInfo as it was encoded.
    package let derEncoded: [UInt8]

    /// The SHA-1 digest of the key bits, the usual key identifier (RFC 5280 section 4.2.1.2, method 1).
    package let keyIdentifier: [UInt8]

    private let backing: Backing?

    /// The kinds of key.
    package enum Kind: Sendable, Hashable {
        /// ECDSA on NIST P-256.
        case p256
        /// ECDSA on NIST P-384.
        case p384
        /// ECDSA on NIST P-521.
        case p521
        /// RSA with a modulus of that many bits.
        case rsa(bits: Int)
        /// Ed25519.
        case ed25519
        /// Anything else, as a dotted object identifier.
        case unknown(String)

        /// A name for people.
        package var name: String {
            switch self {
            case .p256: "ECDSA P-256"
            case .p384: "ECDSA P-384"
            case .p521: "ECDSA P-521"
            case .rsa(let bits): "RSA \(bits)"
            case .ed25519: "Ed25519"
            case .unknown(let identifier): "algorithm \(identifier)"
            }
        }
    }

    /// The SHA-256 digest of the whole SubjectPublicKeyInfo, which people compare when a key goes from hand to hand.
    package var sha256: [UInt8] {
        Array(SHA256.hash(data: self.derEncoded))
    }

    /// The content of the BIT STRING: the key without its algorithm.
    var keyBits: [UInt8] {
        // The encoding was read before, so it is there.
        guard let info = try? DERField(parsing: self.derEncoded), var fields = try? info.fields() else { return [] }
        _ = fields.next()
        return (try? fields.next()?.bitString()).map { Array($0.bytes) } ?? []
    }

    /// Whether the key is of a supported kind, well formed, and at least as strong as RSA 2048.
    package var isStrong: Bool {
        guard self.backing != nil else { return false }
        return switch self.kind {
        case .p256, .p384, .p521, .ed25519: true
        case .rsa(let bits): bits >= Self.minimumRSABits
        case .unknown: false
        }
    }

    /// Whether `signature` over `bytes` was made by the private half of this key.
    ///
    /// Always false for a weak or unsupported key, or for an algorithm that does not belong to the key.
    package func verifies(_ signature: [UInt8], over bytes: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        guard self.isStrong, let backing = self.backing else { return false }
        switch (backing, algorithm) {
        case (.p256(let key), .ecdsa(let digest)):
            guard let value = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return switch digest {
            case .sha256: key.isValidSignature(value, for: SHA256.hash(data: bytes))
            case .sha384: key.isValidSignature(value, for: SHA384.hash(data: bytes))
            case .sha512: key.isValidSignature(value, for: SHA512.hash(data: bytes))
            }
        case (.p384(let key), .ecdsa(let digest)):
            guard let value = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return switch digest {
            case .sha256: key.isValidSignature(value, for: SHA256.hash(data: bytes))
            case .sha384: key.isValidSignature(value, for: SHA384.hash(data: bytes))
            case .sha512: key.isValidSignature(value, for: SHA512.hash(data: bytes))
            }
        case (.p521(let key), .ecdsa(let digest)):
            guard let value = try? P521.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return switch digest {
            case .sha256: key.isValidSignature(value, for: SHA256.hash(data: bytes))
            case .sha384: key.isValidSignature(value, for: SHA384.hash(data: bytes))
            case .sha512: key.isValidSignature(value, for: SHA512.hash(data: bytes))
            }
        case (.rsa(let key), .rsaPKCS1(let digest)):
            return Self.verify(signature, over: bytes, key: key, digest: digest, padding: .insecurePKCS1v1_5)
        case (.rsa(let key), .rsaPSS(let digest)):
            return Self.verify(signature, over: bytes, key: key, digest: digest, padding: .PSS)
        case (.ed25519(let key), .ed25519):
            return key.isValidSignature(signature, for: bytes)
        default:
            return false
        }
    }

    private static func verify(
        _ signature: [UInt8],
        over bytes: [UInt8],
        key: _RSA.Signing.PublicKey,
        digest: SignatureAlgorithm.Digest,
        padding: _RSA.Signing.Padding
    ) -> Bool {
        let value = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return switch digest {
        case .sha256: key.isValidSignature(value, for: SHA256.hash(data: bytes), padding: padding)
        case .sha384: key.isValidSignature(value, for: SHA384.hash(data: bytes), padding: padding)
        case .sha512: key.isValidSignature(value, for: SHA512.hash(data: bytes), padding: padding)
        }
    }

    private enum Backing: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// The smallest RSA modulus that is accepted, in bits.
    package static let minimumRSABits = 2_048

    /// The largest RSA modulus that is accepted, in bits; longer ones only cost the verifier time.
    package static let maximumRSABits = 8_192
}

extension SubjectPublicKey {
    /// A key that the cryptography library has made, and that so needs no proof of being on the curve.
    init(_ key: P256.Signing.PublicKey) {
        let point = Array(key.x963Representation)
        self.kind = .p256
        self.derEncoded = Self.encoding([.ecPublicKey, .curveP256], keyBits: point)
        self.keyIdentifier = Array(Insecure.SHA1.hash(data: point))
        self.backing = .p256(key)
    }

    /// Reads a SubjectPublicKeyInfo; a key that is weak, malformed or unsupported is read and is not strong.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        let (algorithm, parameters) = try fields.next(orFault: EncodingFault("no algorithm")).algorithm()
        let (bits, unusedBits) = try fields.any().bitString()
        try fields.end()
        self.derEncoded = Array(field.encoded)
        self.keyIdentifier = Array(Insecure.SHA1.hash(data: bits))
        let key = unusedBits == 0 ? bits : []
        switch algorithm {
        case .ecPublicKey:
            (self.kind, self.backing) = Self.ellipticCurve(parameters, key: key)
        case .rsaEncryption where parameters?.isNull == true:
            (self.kind, self.backing) = try Self.rsa(Array(key))
        case .ed25519 where parameters == nil:
            self.kind = .ed25519
            self.backing = (try? Curve25519.Signing.PublicKey(rawRepresentation: key)).map(Backing.ed25519)
        default:
            self.kind = .unknown(algorithm.description)
            self.backing = nil
        }
    }

    private static func ellipticCurve(_ parameters: DERField?, key: ArraySlice<UInt8>) -> (Kind, Backing?) {
        guard let curve = try? parameters?.objectIdentifier() else {
            return (.unknown("elliptic curve without a name"), nil)
        }
        // Only uncompressed points: a compressed one is a second spelling of the same key.
        let point = key.first == 0x04 ? key : []
        switch curve {
        case .curveP256: return (.p256, (try? P256.Signing.PublicKey(x963Representation: point)).map(Backing.p256))
        case .curveP384: return (.p384, (try? P384.Signing.PublicKey(x963Representation: point)).map(Backing.p384))
        case .curveP521: return (.p521, (try? P521.Signing.PublicKey(x963Representation: point)).map(Backing.p521))
        default: return (.unknown("elliptic curve \(curve)"), nil)
        }
    }

    /// The two numbers of an RSAPublicKey (RFC 8017 appendix A.1.1), as INTEGER contents.
    static func rsaNumbers(
        of key: [UInt8]
    ) throws(EncodingFault) -> (modulus: ArraySlice<UInt8>, exponent: ArraySlice<UInt8>) {
        var numbers = try DERField(parsing: key).fields()
        let modulus = try numbers.any().integerContent()
        let exponent = try numbers.any().integerContent()
        try numbers.end()
        return (modulus, exponent)
    }

    private static func rsa(_ key: [UInt8]) throws(EncodingFault) -> (Kind, Backing?) {
        let (modulus, exponent) = try self.rsaNumbers(of: key)
        let significant = modulus.drop { $0 == 0 }
        guard let first = significant.first, modulus.first.map({ $0 < 0x80 }) ?? false else {
            return (.rsa(bits: 0), nil)
        }
        let bits = significant.count * 8 - first.leadingZeroBitCount
        let exponentIsUsable = exponent.count <= 5 && exponent.last.map { $0 & 1 == 1 } ?? false && exponent != [1]
        guard (self.minimumRSABits...self.maximumRSABits).contains(bits), exponentIsUsable else {
            return (.rsa(bits: bits), nil)
        }
        return (.rsa(bits: bits), (try? _RSA.Signing.PublicKey(derRepresentation: key)).map(Backing.rsa))
    }
}
