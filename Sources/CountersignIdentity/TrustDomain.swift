/// The name of a SPIFFE trust domain, such as `cluster.local`.
///
/// One to 255 bytes of lower-case letters, digits, `.`, `-` and `_` (SPIFFE ID specification, section 2.1). Upper case
/// is refused rather than folded: a certificate that carries it does not conform.
public struct TrustDomain: Hashable, Sendable, CustomStringConvertible {
    /// The longest name, in bytes.
    public static let maximumLength = 255

    /// The name without scheme or path.
    public let name: String

    /// Parses a bare trust domain name.
    ///
    /// - Throws: ``IdentityError`` with `invalidTrustDomain`.
    public init(parsing text: String) throws(IdentityError) {
        guard !text.isEmpty else {
            throw IdentityError(.invalidTrustDomain, "a trust domain name is empty; write one such as cluster.local")
        }
        guard text.utf8.count <= Self.maximumLength else {
            throw IdentityError(
                .invalidTrustDomain,
                "a trust domain name of \(text.utf8.count) bytes is too long; at most \(Self.maximumLength) are allowed"
            )
        }
        for (offset, byte) in text.utf8.enumerated() where !Self.allows(byte) {
            throw IdentityError(
                .invalidTrustDomain,
                """
                trust domain \(IdentityError.excerpt(of: text)) has a byte at offset \(offset) that is none of a-z, \
                0-9, '.', '-' and '_'
                """
            )
        }
        self.name = text
    }

    /// The text form, for people and logs.
    public var description: String { name }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
