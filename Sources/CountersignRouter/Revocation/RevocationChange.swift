package import CountersignPKI

/// A change of what is revoked, for `Router/apply(_:)-(RevocationChange)`.
package enum RevocationChange: Sendable {
    /// This is all that is revoked; what was before and is not in it counts no more.
    case replaceAll([RevokedCertificate])
    /// One more certificate is revoked, or is for another reason.
    case revoke(RevokedCertificate)
    /// A certificate is released from hold (RFC 5280 section 5.3.1, removeFromCRL).
    case release(RevocationKey)
}
