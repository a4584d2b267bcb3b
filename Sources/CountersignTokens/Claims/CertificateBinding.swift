package import CountersignJSON
import CountersignPKI
import Crypto

/// The certificate that a token is bound to: the SHA-256 digest of its DER encoding (RFC 8705 section 3.1).
package struct CertificateBinding: Sendable, Hashable {
    /// The 32 bytes of the digest.
    package let sha256: [UInt8]

    /// The length of the digest as text, in characters.
    package static let textLength = 43

    /// The binding to the certificate with that digest; nil when it does not have 32 bytes.
    package init?(certificateSHA256 digest: [UInt8]) {
        guard digest.count == 32 else { return nil }
        self.sha256 = digest
    }

    /// The binding to a certificate.
    package init(certificateDER der: [UInt8]) {
        self.sha256 = Array(SHA256.hash(data: der))
    }

    /// Reads `x5t#S256`; nil for anything but 43 characters of base64url without padding.
    ///
    /// Hexadecimal, padded and standard Base64 are in use here and there; none of them is what the RFC says, and each
    /// would make a second spelling of the same value.
    package init?(thumbprint text: String) {
        guard text.utf8.count == Self.textLength, let digest = Base64.decodeURL(Array(text.utf8)) else { return nil }
        self.init(certificateSHA256: digest)
    }

    /// The value of `x5t#S256`.
    package var thumbprint: String { Base64.encodeURL(sha256) }

    /// Whether the certificate with that digest is the one; takes the same time whatever the digests have in common.
    package func matches(certificateSHA256 digest: [UInt8]) -> Bool {
        guard digest.count == sha256.count else { return false }
        var difference: UInt8 = 0
        for index in sha256.indices { difference |= sha256[index] ^ digest[index] }
        return difference == 0
    }

    /// The claim `cnf`.
    package var confirmation: JSONValue {
        .object([.init(Self.member, .string(thumbprint))])
    }

    /// The member of `cnf`.
    package static let member = "x5t#S256"
}
