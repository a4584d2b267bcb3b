/// What becomes of `X-Forwarded-Client-Cert` on the way to a backend: the configuration key `forwarded_client_cert`.
///
/// The names are those of GoRouter's setting. Whatever the mode, every other header that ``IdentityHeaders`` knows is
/// removed from what a client sends.
public enum ForwardedClientCertMode: String, Sendable, Hashable, CaseIterable {
    /// The client's header is removed, and one is written from the certificate that this connection verified.
    ///
    /// This is the default: with a verified certificate the backend sees that one, and otherwise none.
    case sanitizeSet = "sanitize_set"
    /// The client's header is kept when the connection presented a certificate that verified, and else removed.
    ///
    /// For a load balancer that terminates TLS and reaches the router over mutual TLS: the certificate of the
    /// connection is the balancer's own, and is not written.
    case forward
    /// The client's header is kept always.
    ///
    /// Whoever can reach the router can then claim any identity: only for a network in which nobody but a trusted
    /// load balancer can.
    case alwaysForward = "always_forward"

    /// Reads the configuration's spelling.
    ///
    /// - Throws: ``ForwardedHeaderError/Code/unknownName``.
    public init(parsing text: String) throws(ForwardedHeaderError) {
        guard let mode = Self(rawValue: text) else {
            throw ForwardedHeaderError(
                .unknownName,
                "forwarded_client_cert is \(text.debugDescription); it is sanitize_set, forward or always_forward"
            )
        }
        self = mode
    }

    /// What to do on a connection, given whether it verified a client certificate.
    ///
    /// Keeping and setting exclude each other, so that a backend never sees two.
    ///
    /// - Parameter clientCertificateVerified: a client certificate was presented **and** verified in this handshake
    ///   (or in the one that a resumed session stems from).
    public func plan(clientCertificateVerified: Bool) -> ForwardingPlan {
        switch self {
        case .sanitizeSet:
            ForwardingPlan(keepsIncomingCertificate: false, setsVerifiedCertificate: clientCertificateVerified)
        case .forward:
            ForwardingPlan(keepsIncomingCertificate: clientCertificateVerified, setsVerifiedCertificate: false)
        case .alwaysForward:
            ForwardingPlan(keepsIncomingCertificate: true, setsVerifiedCertificate: false)
        }
    }
}
