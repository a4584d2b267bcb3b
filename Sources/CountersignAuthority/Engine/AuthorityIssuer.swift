package import CountersignPKI

/// The certificate that signs, with what the inventory and revocation lists call it by.
package final class AuthorityIssuer: Sendable {
    /// The signing authority.
    package let authority: IssuingAuthority
    /// Its subject key identifier, in lower-case hexadecimal without colons.
    package let keyID: String
    /// The trusted roots in PEM: more than one during a roll-over.
    package let trustBundlePEM: String

    /// - Parameter trustBundlePEM: the roots; empty for the topmost certificate that was loaded with the authority.
    package init(authority: IssuingAuthority, trustBundlePEM: String = "") {
        self.authority = authority
        self.keyID = authority.subjectKeyIdentifierHex
        self.trustBundlePEM = trustBundlePEM.isEmpty ? authority.trustBundlePEM : trustBundlePEM
    }
}
