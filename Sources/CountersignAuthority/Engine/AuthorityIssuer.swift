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
    /// Intermediates that sign no certificate any more and go on answering for those that they have signed.
    package let retired: [IssuingAuthority]
    /// The entity tag of the bundle.
    package let bundleTag: String

    /// An issuer from its certificates.
    ///
    /// - Parameters:
    ///   - authority: the intermediate that signs.
    ///   - trustBundlePEM: the roots; empty for those that were loaded with the authority.
    ///   - outside: makes services' certificates in its place; nil where the intermediate makes all.
    ///   - retired: former intermediates whose revocation lists and OCSP answers are still signed here.
    package init(
        authority: IssuingAuthority,
        trustBundlePEM: String = "",
        outside: OutsideSigning? = nil,
        retired: [IssuingAuthority] = []
    ) {
        self.outside = outside
        self.retired = retired
        self.authority = authority
        self.keyID = authority.subjectKeyIdentifierHex
        self.trustBundlePEM = trustBundlePEM.isEmpty ? authority.trustBundlePEM : trustBundlePEM
        self.bundleTag = Hexadecimal.text(of: Array(SHA256.hash(data: Array(self.trustBundlePEM.utf8)).prefix(16)))
    }

    /// The certificate of an authority here, current or retired, or of one above it, that has the key; nil when none has.
    func owner(ofKey key: SubjectPublicKey) -> ParsedCertificate? {
        answering.lazy.compactMap { $0.owner(ofKey: key) }.first
    }

    /// The current intermediate, then those that are retired: whose revocations are published here.
    var answering: [IssuingAuthority] { [authority] + retired }
}
