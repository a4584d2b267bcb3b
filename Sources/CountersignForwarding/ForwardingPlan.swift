/// What one connection does with certificate headers: the outcome of ``ForwardedClientCertMode`` for it.
public struct ForwardingPlan: Sendable, Hashable {
    /// Whether `X-Forwarded-Client-Cert` as the client sent it passes.
    public let keepsIncomingCertificate: Bool
    /// Whether a header is written from the certificate that the connection verified.
    public let setsVerifiedCertificate: Bool

    package init(keepsIncomingCertificate: Bool, setsVerifiedCertificate: Bool) {
        self.keepsIncomingCertificate = keepsIncomingCertificate
        self.setsVerifiedCertificate = setsVerifiedCertificate
    }

    /// Removes every identity header and writes none: for a connection without a verified certificate.
    public static let removeAll = ForwardingPlan(keepsIncomingCertificate: false, setsVerifiedCertificate: false)

    /// Whether a request header of this name must not reach the backend: one of ``IdentityHeaders`` or
    /// ``ReservedHeaders``.
    ///
    /// What may be kept is the exact name `x-forwarded-client-cert` in any case; other spellings of it are not kept in
    /// any mode, as a backend that folds them would take them for a second, unchecked one.
    public func removes(_ name: Span<UInt8>) -> Bool {
        guard IdentityHeaders.contains(name) else { return ReservedHeaders.contains(name) }
        return !(keepsIncomingCertificate && IdentityHeaders.isForwardedClientCert(name))
    }
}
