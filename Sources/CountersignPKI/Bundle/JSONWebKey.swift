package import CountersignJSON
import SwiftASN1

/// Public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6).
package enum JSONWebKey {
    /// The members that say what the key is: `kty` and the parameters.
    ///
    /// - Throws: ``PKIError`` with `unsupportedKey` for anything but RSA and ECDSA on a NIST curve.
    package static func members(of key: SubjectPublicKey) throws(PKIError) -> [JSONValue.Member] {
        switch key.kind {
        case .p256: return self.ellipticCurve("P-256", key, size: 32)
        case .p384: return self.ellipticCurve("P-384", key, size: 48)
        case .p521: return self.ellipticCurve("P-521", key, size: 66)
        case .rsa:
            guard let (modulus, exponent) = key.rsaParameters else { break }
            return [
                .init("kty", .string("RSA")), .init("n", .string(Base64.encodeURL(modulus))),
                .init("e", .string(Base64.encodeURL(exponent))),
            ]
        case .ed25519, .unknown: break
        }
        throw PKIError(.unsupportedKey, "a key of \(key.kind.name) has no form in a SPIFFE bundle; use ECDSA or RSA")
    }

    private static func ellipticCurve(_ name: String, _ key: SubjectPublicKey, size: Int) -> [JSONValue.Member] {
        // An uncompressed point: 04, then both coordinates in full length, as RFC 7518 wants them.
        let point = key.keyBits.dropFirst()
        return [
            .init("kty", .string("EC")), .init("crv", .string(name)),
            .init("x", .string(Base64.encodeURL(Array(point.prefix(size))))),
            .init("y", .string(Base64.encodeURL(Array(point.dropFirst(size))))),
        ]
    }
}

extension SubjectPublicKey {
    /// Modulus and exponent, big-endian and without leading zeros; nil when the key is not RSA.
    fileprivate var rsaParameters: (modulus: [UInt8], exponent: [UInt8])? {
        try? DER.sequence(try DER.parse(self.keyBits), identifier: .sequence) { nodes in
            let modulus = try IntegerContent.next(&nodes)
            let exponent = try IntegerContent.next(&nodes)
            return (Array(modulus.drop { $0 == 0 }), Array(exponent.drop { $0 == 0 }))
        }
    }
}
