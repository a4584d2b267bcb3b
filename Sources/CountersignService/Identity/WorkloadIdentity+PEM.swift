public import CountersignIdentity
import CountersignPKI

extension WorkloadIdentity {
    /// Takes an identity from PEM texts.
    ///
    /// - Parameters:
    ///   - certificateChainPEM: the certificate and those above it, leaf first; a private key beside them is skipped.
    ///   - privateKeyPEM: the key of the first of them: PKCS#8, SEC1 or PKCS#1, not encrypted.
    ///   - trustBundlePEM: the authorities of the trust domain.
    ///   - trustDomain: the trust domain that they speak for; nil for that of the certificate's SPIFFE ID.
    ///   - revocationListsPEM: revocation lists of those authorities; nil when revocation is not looked at.
    ///   - atUnixSeconds: the current time.
    /// - Throws: ``ServiceIdentityError``: `material`, `validity`, or `setting` when the certificate has no SPIFFE ID and no trust
    ///   domain is given.
    public init(
        certificateChainPEM: [UInt8],
        privateKeyPEM: [UInt8],
        trustBundlePEM: [UInt8],
        trustDomain: TrustDomain? = nil,
        revocationListsPEM: [UInt8]? = nil,
        atUnixSeconds: Int64
    ) throws(ServiceIdentityError) {
        let chain = try Self.reading("the certificate chain") { () throws(PKIError) in
            try CertificateChain(pem: certificateChainPEM).der
        }
        let key = try Self.reading("the private key") { () throws(PKIError) in try PrivateKey(pem: privateKeyPEM) }
        // A store of no domain's at first, as the certificate says which domain it is.
        let pool = try Self.reading("the trust bundle") { () throws(PKIError) in try TrustStore(pem: trustBundlePEM) }
        let lists = try Self.reading("the revocation lists") { () throws(PKIError) in
            try revocationListsPEM.map { text throws(PKIError) in try RevocationList.lists(pem: text) }
        }
        let own = try WorkloadIdentity(
            certificateChain: chain,
            privateKey: key,
            trust: pool,
            atUnixSeconds: atUnixSeconds
        )
        guard let domain = trustDomain ?? own.spiffeID?.trustDomain else {
            throw ServiceIdentityError(
                .setting,
                "the certificate has no SPIFFE ID; say which trust domain the bundle is of"
            )
        }
        let trust = try Self.reading("the trust bundle") { () throws(PKIError) in
            try TrustStore(derCertificates: pool.authoritiesDER, trustDomains: .only([domain]))
        }
        try self.init(
            certificateChain: chain,
            privateKey: key,
            trust: trust,
            revocation: lists.map { .lists($0) } ?? .none,
            atUnixSeconds: atUnixSeconds
        )
    }

    /// The certificate and those above it as PEM, leaf first.
    public var certificateChainPEM: String {
        certificateChain.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }

    /// The authorities that may vouch for peers, as PEM.
    public var trustBundlePEM: String {
        trust.authoritiesDER.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }

    /// The private key as PKCS#8 in PEM: a secret, for a file of mode 0600.
    public var privateKeyPEM: String { privateKey.pemPKCS8 }

    private static func reading<Value>(
        _ what: String,
        _ read: () throws(PKIError) -> Value
    ) throws(ServiceIdentityError) -> Value {
        do throws(PKIError) {
            return try read()
        } catch {
            throw ServiceIdentityError(.material, "\(what): \(error)")
        }
    }
}
