/// The headers in which a backend is told who calls.
package enum CallerHeaders {
    /// Who calls: an ARN or a SPIFFE ID.
    package static let identity = "X-Countersign-Identity"
    /// The service that calls, by a certificate that gives neither ARN nor SPIFFE ID; never text that could be taken for one.
    package static let service = "X-Countersign-Service"
    /// Whom the token is about.
    package static let tokenSubject = "X-Countersign-Token-Subject"
    /// How mutual TLS went: `verified`, `none`, or `waived` and the reason.
    package static let outcome = "X-Countersign-Mtls"
    /// The digest of the certificate in hexadecimal.
    package static let thumbprint = "X-Client-Cert-Thumbprint"
    /// All of them.
    package static let all = [identity, service, tokenSubject, outcome, thumbprint]
}
