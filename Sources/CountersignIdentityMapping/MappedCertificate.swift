package import CountersignIdentity

/// What a mapping looks at in a certificate whose holder proved to have it.
package struct MappedCertificate: Sendable, Hashable {
    /// Subject and SPIFFE ID, and whether the certificate contradicts itself.
    package var identity: CallerIdentity
    /// The issuer; `nil` when it was not told.
    package var issuer: DistinguishedName?
    /// The DNS names among the alternative names, in order.
    package var dnsNames: [String]
    /// The certificate's digest; `nil` when it was not told.
    package var thumbprint: CertificateThumbprint?

    /// Takes the parts.
    package init(
        identity: CallerIdentity,
        issuer: DistinguishedName?,
        dnsNames: [String],
        thumbprint: CertificateThumbprint?
    ) {
        self.identity = identity
        self.issuer = issuer
        self.dnsNames = dnsNames
        self.thumbprint = thumbprint
    }
}
