/// How a certificate, request or revocation list was signed.
package enum SignatureAlgorithm: Sendable, Hashable {
    /// ECDSA over the digest.
    case ecdsa(Digest)
    /// RSA with PKCS#1 v1.5 padding over the digest.
    case rsaPKCS1(Digest)
    /// RSA with PSS padding; the salt is as long as the digest and the mask uses the same digest.
    case rsaPSS(Digest)
    /// Ed25519.
    case ed25519
    /// A known algorithm that is broken: MD2, MD5, SHA-1 or DSA.
    case broken(String)
    /// Anything else, as a dotted object identifier.
    case unknown(String)

    /// The digests that are strong enough to be accepted.
    package enum Digest: String, Sendable {
        /// SHA-256.
        case sha256 = "SHA-256"
        /// SHA-384.
        case sha384 = "SHA-384"
        /// SHA-512.
        case sha512 = "SHA-512"
    }

    /// A name for people.
    package var name: String {
        switch self {
        case .ecdsa(let digest): "ECDSA with \(digest.rawValue)"
        case .rsaPKCS1(let digest): "RSA with \(digest.rawValue)"
        case .rsaPSS(let digest): "RSA-PSS with \(digest.rawValue)"
        case .ed25519: "Ed25519"
        case .broken(let name): name
        case .unknown(let identifier): identifier
        }
    }
}

extension SignatureAlgorithm {
    /// Reads an AlgorithmIdentifier; parameters that the algorithm's RFC forbids make it unknown.
    init(_ field: DERField) throws(EncodingFault) {
        let (identifier, parameters) = try field.algorithm()
        self = Self.table[identifier] ?? .unknown(identifier.description)
        switch self {
        case .ecdsa, .ed25519:
            if parameters != nil { self = .unknown("\(identifier) with parameters") }
        case .rsaPKCS1:
            // RFC 4055 section 5: NULL is to be written, and absent is to be accepted.
            if let parameters, !parameters.isNull {
                self = .unknown("\(identifier) with parameters")
            }
        case .rsaPSS:
            self = (try? Self.pss(parameters)) ?? .unknown("RSA-PSS with unsupported parameters")
        case .broken, .unknown:
            break
        }
    }

    /// RSASSA-PSS-params of RFC 4055 section 3.1, in the only shapes that are in use.
    private static func pss(_ parameters: DERField?) throws(EncodingFault) -> SignatureAlgorithm? {
        guard var fields = try parameters?.fields(), let hash = fields.optional(DERTag.constructed(0)),
            let mask = fields.optional(DERTag.constructed(1)), let salt = fields.optional(DERTag.constructed(2))
        else { return nil }
        try fields.end()
        let (function, argument) = try mask.onlyField().algorithm()
        guard let digest = try Self.digest(hash.onlyField()), function == .maskGeneration1, let argument,
            try Self.digest(argument) == digest
        else { return nil }
        let size = digest == .sha256 ? 32 : digest == .sha384 ? 48 : 64
        return try salt.onlyField().integer() == size ? .rsaPSS(digest) : nil
    }

    private static func digest(_ field: DERField) throws(EncodingFault) -> Digest? {
        switch try field.algorithm().identifier {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        default: nil
        }
    }

    private static let table: [OID: SignatureAlgorithm] = [
        [1, 2, 840, 10045, 4, 3, 2]: .ecdsa(.sha256),
        [1, 2, 840, 10045, 4, 3, 3]: .ecdsa(.sha384),
        [1, 2, 840, 10045, 4, 3, 4]: .ecdsa(.sha512),
        [1, 2, 840, 113549, 1, 1, 11]: .rsaPKCS1(.sha256),
        [1, 2, 840, 113549, 1, 1, 12]: .rsaPKCS1(.sha384),
        [1, 2, 840, 113549, 1, 1, 13]: .rsaPKCS1(.sha512),
        .rsaPSS: .rsaPSS(.sha256),
        .ed25519: .ed25519,
        [1, 2, 840, 113549, 1, 1, 2]: .broken("RSA with MD2"),
        [1, 2, 840, 113549, 1, 1, 4]: .broken("RSA with MD5"),
        [1, 2, 840, 113549, 1, 1, 5]: .broken("RSA with SHA-1"),
        [1, 2, 840, 10045, 4, 1]: .broken("ECDSA with SHA-1"),
        [1, 2, 840, 10040, 4, 3]: .broken("DSA with SHA-1"),
        [2, 16, 840, 1, 101, 3, 4, 3, 1]: .broken("DSA with SHA-224"),
        [2, 16, 840, 1, 101, 3, 4, 3, 2]: .broken("DSA with SHA-256"),
    ]
}
