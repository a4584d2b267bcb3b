package import CountersignPKI

/// Where this process keeps the certificates of services for which it makes the keys.
package protocol CertificatePlace: Sendable {
    /// What is kept for a service; nil when it is nothing, or nothing that can be used.
    func load(_ service: String) -> KeptCertificate?

    /// Puts a certificate in place of the one that is kept for a service, certificate and key in one step.
    ///
    /// - Throws: what keeps it from being written; the one before is still in place then.
    func put(_ certificate: IssuedCertificate, _ kept: KeptCertificate, for service: String) throws

    /// Puts the trust bundle in place, in PEM; called before certificates that it has to vouch for.
    func putTrustBundle(_ pem: String) throws
}
