/// What is known of a certificate (RFC 6960 section 2.2).
package enum OCSPStatus: Sendable, Hashable {
    /// It was issued and is not revoked.
    case good
    /// It is revoked, or held, since a time in Unix seconds.
    case revoked(date: Int64, reason: RevocationReason)
    /// Nobody here issued it.
    case unknown
}
