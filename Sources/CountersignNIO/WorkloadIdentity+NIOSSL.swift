import CountersignPKI
public import CountersignService
public import NIOSSL

extension WorkloadIdentity {
    /// The certificate and those above it, as NIOSSL takes them.
    ///
    /// - Throws: `NIOSSLError` when BoringSSL cannot read one.
    public func nioCertificateChain() throws -> [NIOSSLCertificateSource] {
        try certificateChain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) }
    }

    /// The private key, as NIOSSL takes it.
    ///
    /// - Throws: `NIOSSLError` when BoringSSL cannot read it.
    public func nioPrivateKey() throws -> NIOSSLPrivateKeySource {
        .privateKey(try NIOSSLPrivateKey(bytes: privateKey.derPKCS8, format: .der))
    }

    /// The authorities that may vouch for peers, as NIOSSL takes them.
    ///
    /// - Throws: `NIOSSLError` when BoringSSL cannot read one.
    public func nioTrustRoots() throws -> NIOSSLTrustRoots {
        .certificates(try trust.authoritiesDER.map { try NIOSSLCertificate(bytes: $0, format: .der) })
    }
}
