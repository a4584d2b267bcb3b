/// The TLS alerts that tell a peer why its certificate was not taken (RFC 8446 section 6.2).
public enum TLSAlert: UInt8, Sendable, Hashable {
    /// The certificate is damaged, wrongly signed, or in breach of a rule that has no alert of its own.
    case badCertificate = 42
    /// The certificate is not for this use.
    case unsupportedCertificate = 43
    /// The certificate was revoked.
    case certificateRevoked = 44
    /// The certificate has expired or is not valid yet.
    case certificateExpired = 45
    /// Something else about the certificate cannot be accepted.
    case certificateUnknown = 46
    /// No trusted authority stands behind the certificate.
    case unknownCA = 48
    /// The certificate is good, and its owner may not come in.
    case accessDenied = 49
    /// No certificate was sent where one is needed.
    case certificateRequired = 116
}
