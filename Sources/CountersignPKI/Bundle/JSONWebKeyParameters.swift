package import CountersignJSON

/// The members of a JSON Web Key that say what the key is: `kty` and its parameters (RFC 7517, RFC 7518 section 6,
/// RFC 8037 section 2).
package enum JSONWebKeyParameters {
    /// The members, in the order that RFC 7638 hashes them in: by name.
    ///
    /// - Throws: ``PKIError`` with `unsupportedKey` for anything but RSA, ECDSA on a NIST curve and Ed25519.
    package static func members(of key: SubjectPublicKey) throws(PKIError) -> [JSONValue.Member] {
        switch key.kind {
        case .p256: return self.ellipticCurve("P-256", key, size: 32)
        case .p384: return self.ellipticCurve("P-384", key, size: 48)
        case .p521: return self.ellipticCurve("P-521", key, size: 66)
        case .rsa:
            guard let (modulus, exponent) = key.rsaParameters else { break }
            return [
                .init("e", .string(Base64.encodeURL(exponent))), .init("kty", .string("RSA")),
                .init("n", .string(Base64.encodeURL(modulus))),
            ]
        case .ed25519:
            return [
                .init("crv", .string("Ed25519")), .init("kty", .string("OKP")),
                .init("x", .string(Base64.encodeURL(key.keyBits))),
            ]
        case .unknown: break
        }
        throw PKIError(.unsupportedKey, "a key of \(key.kind.name) has no form as a JSON Web Key; use ECDSA or RSA")
    }

    /// The key that the members of a JSON Web Key name; nil when its type or curve is not known here.
    ///
    /// - Throws: ``PKIError`` with `malformedKey` for parameters that are missing, not base64url, of a wrong length or
    ///   not a key, `weakKey` for RSA of less than 2048 bits or of an unusable exponent, and `unexpectedBlock` for a
    ///   private key, which has no business where public keys are read.
    package static func key(from object: JSONObject) throws(PKIError) -> SubjectPublicKey? {
        // Of all types that are known here, `d` is a private parameter; `k` is a secret key's value.
        guard object["d"] == nil, object["k"] == nil else {
            throw PKIError(.unexpectedBlock, "the key is a private or a secret one; only public keys belong there")
        }
        switch try self.text("kty", object) {
        case "EC":
            guard let (kind, size) = self.curves[try self.text("crv", object)] else { return nil }
            let point = [0x04] + (try self.bytes("x", object, size)) + (try self.bytes("y", object, size))
            return try self.checked(SubjectPublicKey(kind: kind, keyBits: point))
        case "OKP":
            guard try self.text("crv", object) == "Ed25519" else { return nil }
            return try self.checked(SubjectPublicKey(kind: .ed25519, keyBits: try self.bytes("x", object, 32)))
        case "RSA":
            let key = SubjectPublicKey(
                rsaModulus: try self.bytes("n", object, nil),
                exponent: try self.bytes("e", object, nil)
            )
            return try self.checked(key)
        default: return nil
        }
    }

    private static func checked(_ key: SubjectPublicKey?) throws(PKIError) -> SubjectPublicKey {
        guard let key else { throw PKIError(.malformedKey, "the parameters are no public key") }
        guard key.isStrong else {
            guard case .rsa(let bits) = key.kind else {
                throw PKIError(.malformedKey, "the point is not on the curve")
            }
            throw PKIError(
                .weakKey,
                "the RSA key has \(bits) bits; \(SubjectPublicKey.minimumRSABits) to \(SubjectPublicKey.maximumRSABits), and an odd exponent above 1, are needed"
            )
        }
        return key
    }

    private static func text(_ name: String, _ object: JSONObject) throws(PKIError) -> String {
        do {
            return try object.requiredString(name)
        } catch {
            throw PKIError(.malformedKey, "\(error)")
        }
    }

    /// The bytes of a parameter; `size` is how many there have to be, leading zeros included.
    private static func bytes(_ name: String, _ object: JSONObject, _ size: Int?) throws(PKIError) -> [UInt8] {
        guard let bytes = Base64.decodeURL(Array(try self.text(name, object).utf8)), !bytes.isEmpty,
            bytes.count == size ?? bytes.count, size != nil || bytes.first != 0
        else {
            let wanted = size.map { "\($0) bytes" } ?? "a number without leading zeros"
            throw PKIError(.malformedKey, "the parameter \(name) has to be \(wanted) in base64url without padding")
        }
        return bytes
    }

    private static let curves: [String: (SubjectPublicKey.Kind, size: Int)] = [
        "P-256": (.p256, 32), "P-384": (.p384, 48), "P-521": (.p521, 66),
    ]

    private static func ellipticCurve(_ name: String, _ key: SubjectPublicKey, size: Int) -> [JSONValue.Member] {
        // An uncompressed point: 04, then both coordinates in full length, as RFC 7518 wants them.
        let point = key.keyBits.dropFirst()
        return [
            .init("crv", .string(name)), .init("kty", .string("EC")),
            .init("x", .string(Base64.encodeURL(Array(point.prefix(size))))),
            .init("y", .string(Base64.encodeURL(Array(point.dropFirst(size))))),
        ]
    }
}

extension SubjectPublicKey {
    /// Modulus and exponent, big-endian and without leading zeros; nil when the key is not RSA.
    fileprivate var rsaParameters: (modulus: [UInt8], exponent: [UInt8])? {
        guard let (modulus, exponent) = try? Self.rsaNumbers(of: self.keyBits) else { return nil }
        return (Array(modulus.drop { $0 == 0 }), Array(exponent.drop { $0 == 0 }))
    }
}
