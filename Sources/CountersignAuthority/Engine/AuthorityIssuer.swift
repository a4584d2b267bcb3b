package import CountersignPKI
import Crypto

/// The certificate that signs, with what the inventory and revocation lists call it by.
package final class AuthorityIssuer: Sendable {
    /// The signing authority.
    package let authority: IssuingAuthority
    /// Its subject key identifier, in lower-case hexadecimal without colons.
    package let keyID: String
    /// The CA that makes services' certificates in place of ``authority``; nil when that does it.
    package let outside: OutsideSigning?
    /// The trusted roots in PEM: more than one during a roll-over.
    package let trustBundlePEM: String
    /// The entity tag of the bundle.
    package let bundleTag: String

    /// - Parameter trustBundlePEM: the roots; empty for the topmost certificate that was loaded with the authority.
    package init(authority: IssuingAuthority, trustBundlePEM: String = "", outside: OutsideSigning? = nil) {
        self.outside = outside
        self.authority = authority
        self.keyID = authority.subjectKeyIdentifierHex
        self.trustBundlePEM = trustBundlePEM.isEmpty ? authority.trustBundlePEM : trustBundlePEM
        self.bundleTag = Hexadecimal.text(of: Array(SHA256.hash(data: Array(self.trustBundlePEM.utf8)).prefix(16)))
    }
}
