package import CountersignPKI

/// One certificate that its authority has revoked, as the feed of revocations tells.
package struct RevokedCertificate: Sendable, Hashable {
    /// Which certificate.
    package let key: RevocationKey
    /// When it was revoked, in Unix seconds.
    package let date: Int64
    /// Why.
    package let reason: RevocationReason
    /// The certificate's end, in Unix seconds; once it has passed, nobody accepts the certificate in any case.
    package let notAfter: Int64

    package init(key: RevocationKey, date: Int64, reason: RevocationReason, notAfter: Int64) {
        self.key = key
        self.date = date
        self.reason = reason
        self.notAfter = notAfter
    }
}
