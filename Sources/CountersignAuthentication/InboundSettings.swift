package import CountersignIdentityMapping
package import CountersignPKI
package import CountersignRouting

/// What requests are judged by.
package struct InboundSettings: Sendable {
    /// What a request has to show.
    package var mode: InboundAuthMode
    /// The paths where token and certificate are needed whatever ``mode`` says.
    package var bindingRequired = PathList([])
    /// The paths that are served without anything, such as a health check.
    package var unauthenticated: [LiteralPath] = []
    /// The proxies whose headers count.
    package var proxies = TrustedProxies([])
    /// The header that they tell of certificates in.
    package var reader: ForwardedCertificateReader
    /// Judges forwarded certificates beside the proxy's word; nil to rely on it for all but the validity times.
    package var verifier: ChainVerifier?
    /// What is revoked, for terminators that tell serial numbers and nothing else.
    package var revokedSerials = RevokedSerials()
    /// The rules from certificates to ARNs; nil when callers need none.
    package var mapping: IdentityMapping?
    /// Who may call what; nil when everybody who is authenticated may call everything.
    package var allowList: ServiceAllowList?
    /// Judges tokens; without it every token is refused.
    package var tokens: (any TokenChecking)?
    /// Whether failed checks of mutual TLS refuse the request.
    package var isEnforcing = true

    /// Settings with the defaults beside these.
    package init(mode: InboundAuthMode, reader: ForwardedCertificateReader) {
        self.mode = mode
        self.reader = reader
    }
}
