/// ECDSA signatures as JOSE has them: both numbers in as many bytes as the curve's order, one after the other
/// (RFC 7518 section 3.4).
enum FixedWidthSignature {
    /// The DER form of a signature; nil when it does not have the length for the curve.
    static func der(_ signature: [UInt8], size: Int) -> [UInt8]? {
        guard signature.count == size * 2 else { return nil }
        return DERWriter.sequence { numbers in
            numbers.integer(content: IntegerContent.content(ofMagnitude: signature.prefix(size)))
            numbers.integer(content: IntegerContent.content(ofMagnitude: signature.suffix(size)))
        }
    }

    /// The form of fixed width of a signature in DER; nil when that is none of the curve.
    static func bytes(der: [UInt8], size: Int) -> [UInt8]? {
        guard var numbers = try? DERField(parsing: der).fields(),
            let first = self.padded(try? numbers.any().integerContent(), size),
            let second = self.padded(try? numbers.any().integerContent(), size), numbers.nextTag == nil
        else { return nil }
        return first + second
    }

    /// The digits in that many bytes; nil when there are more.
    private static func padded(_ content: ArraySlice<UInt8>?, _ size: Int) -> [UInt8]? {
        guard let digits = content?.drop(while: { $0 == 0 }), digits.count <= size else { return nil }
        return [UInt8](repeating: 0, count: size - digits.count) + digits
    }
}

extension SubjectPublicKey.Kind {
    /// How many bytes one number of a signature has; nil for keys whose signatures are no pair of numbers.
    fileprivate var signatureNumberSize: Int? {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        case .rsa, .ed25519, .unknown: nil
        }
    }
}

extension SubjectPublicKey {
    /// Whether a signature in the form of JOSE over `bytes` was made by the private half of this key.
    ///
    /// Always false for a weak or unsupported key, or for an algorithm that does not belong to the key.
    package func verifies(fixedWidth signature: [UInt8], over bytes: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        guard let size = self.kind.signatureNumberSize else {
            return self.verifies(signature, over: bytes, algorithm: algorithm)
        }
        guard let der = FixedWidthSignature.der(signature, size: size) else { return false }
        return self.verifies(der, over: bytes, algorithm: algorithm)
    }
}

extension PrivateKey {
    /// Signs with ``signingAlgorithm``; the signature is in the form of JOSE.
    ///
    /// - Throws: ``PKIError`` with `signingFailed` when the cryptography library refuses.
    package func fixedWidthSignature(over content: [UInt8]) throws(PKIError) -> [UInt8] {
        let signature = try self.signature(over: content)
        guard let size = self.publicKey.kind.signatureNumberSize else { return signature }
        guard let bytes = FixedWidthSignature.bytes(der: signature, size: size) else {
            throw PKIError(.signingFailed, "the cryptography library made a signature that cannot be read")
        }
        return bytes
    }
}
