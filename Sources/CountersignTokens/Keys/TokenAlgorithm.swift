package import CountersignPKI

/// The algorithms that a token may be signed with (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// Only those with a public key: with a shared secret every verifier could sign, and a public key could be passed off as
/// that secret.
package enum TokenAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// ECDSA on P-384 with SHA-384.
    case es384 = "ES384"
    /// ECDSA on P-521 with SHA-512.
    case es512 = "ES512"
    /// RSA PKCS#1 v1.5 with SHA-256.
    case rs256 = "RS256"
    /// RSA PKCS#1 v1.5 with SHA-384.
    case rs384 = "RS384"
    /// RSA PKCS#1 v1.5 with SHA-512.
    case rs512 = "RS512"
    /// RSA-PSS with SHA-256.
    case ps256 = "PS256"
    /// RSA-PSS with SHA-384.
    case ps384 = "PS384"
    /// RSA-PSS with SHA-512.
    case ps512 = "PS512"
    /// Ed25519.
    case edDSA = "EdDSA"

    /// The algorithm as certificates name it.
    package var signature: SignatureAlgorithm {
        switch self {
        case .es256: .ecdsa(.sha256)
        case .es384: .ecdsa(.sha384)
        case .es512: .ecdsa(.sha512)
        case .rs256: .rsaPKCS1(.sha256)
        case .rs384: .rsaPKCS1(.sha384)
        case .rs512: .rsaPKCS1(.sha512)
        case .ps256: .rsaPSS(.sha256)
        case .ps384: .rsaPSS(.sha384)
        case .ps512: .rsaPSS(.sha512)
        case .edDSA: .ed25519
        }
    }

    /// The algorithms that a key of a kind can sign with; a curve belongs to exactly one of them.
    package static func fitting(_ kind: SubjectPublicKey.Kind) -> Set<TokenAlgorithm> {
        switch kind {
        case .p256: [.es256]
        case .p384: [.es384]
        case .p521: [.es512]
        case .rsa: [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        case .ed25519: [.edDSA]
        case .unknown: []
        }
    }
}
