import CountersignIdentity

/// A request that passed: the proof is that only ``InboundAuthenticator`` can make one.
package struct Authenticated: Sendable {
    /// The certificate that counted; nil when none did.
    package let certificate: PresentedCertificate?
    /// What the token says; nil when none was needed.
    package let token: CheckedToken?
    /// The names that the caller proved to have.
    package let names: CallerNames
    /// The rule that made ``CallerNames/arn``.
    package let rule: String?
    /// What would have refused the request if mutual TLS were enforced.
    package let waived: AuthenticationRefusal?

    init(
        certificate: PresentedCertificate? = nil,
        token: CheckedToken? = nil,
        names: CallerNames = CallerNames(),
        rule: String? = nil,
        waived: AuthenticationRefusal? = nil
    ) {
        self.certificate = certificate
        self.token = token
        self.names = names
        self.rule = rule
        self.waived = waived
    }

    /// The caller in one text: ARN, SPIFFE ID, service or subject of the token, whichever there is first.
    package var caller: String? {
        names.arn ?? names.spiffeID?.description ?? names.service ?? token?.subject
    }
}
