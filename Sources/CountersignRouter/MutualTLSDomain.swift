package import CountersignForwarding
package import CountersignIdentity
import CountersignPKI
package import CountersignPolicy
package import CountersignTLS

/// One domain whose callers must present a certificate, with everything that its handshakes and requests need.
package final class MutualTLSDomain: Sendable {
    /// The configured name, exact or `*.` with one label.
    package let pattern: HostPattern
    /// The configured name as text, for logs and metrics.
    package let name: String
    /// Verifies client certificates against this domain's trust anchors only.
    package let verifier: DomainVerifier
    /// One TLS context for each server identity of the router; sessions cannot be resumed across domains.
    package let contexts: [TLSContext]
    /// What becomes of the certificate header on the way to a backend.
    package let forwardedClientCert: ForwardedClientCertMode
    /// The headers in which a backend is told of the verified certificate.
    package let certificateHeaders: CertificateHeaders
    /// Who may call, before the route's own policy.
    package let policy: DomainPolicy
    /// Whether requests without TLS are let through on permissive listeners, where the route does not say it.
    package let takesPlaintext: Bool
    /// The token that callers must show beside their certificate; nil when none is asked for.
    package let tokenBinding: TokenBindingRule?

    package init(
        pattern: HostPattern,
        name: String,
        verifier: DomainVerifier,
        contexts: [TLSContext],
        forwardedClientCert: ForwardedClientCertMode,
        certificateHeaders: CertificateHeaders,
        policy: DomainPolicy,
        takesPlaintext: Bool = false,
        tokenBinding: TokenBindingRule? = nil
    ) {
        self.pattern = pattern
        self.name = name
        self.verifier = verifier
        self.contexts = contexts
        self.forwardedClientCert = forwardedClientCert
        self.certificateHeaders = certificateHeaders
        self.policy = policy
        self.takesPlaintext = takesPlaintext
        self.tokenBinding = tokenBinding
    }
}
