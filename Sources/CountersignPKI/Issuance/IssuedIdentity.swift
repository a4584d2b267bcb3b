/// A certificate that an authority has just made, together with the key that was generated for it.
public struct IssuedIdentity: Sendable {
    /// The certificate.
    public let certificate: IssuedCertificate

    /// The private key: a secret.
    public let key: PrivateKey

    /// The private key as a PKCS#8 PEM block: a secret, for a file of mode 0600.
    public var keyPEM: String {
        self.key.pemPKCS8
    }

    /// The certificate in PEM.
    public var certificatePEM: String {
        self.certificate.certificatePEM
    }

    /// The certificate and those above it in PEM.
    public var chainPEM: String {
        self.certificate.chainPEM
    }
}
