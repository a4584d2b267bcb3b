public import CountersignIdentity

/// A certificate authority that can issue: a certificate and its private key.
///
/// Time and the randomness of serial numbers are given with each call; nothing is read from the system but the
/// randomness of generated keys.
public final class IssuingAuthority: Sendable {
    /// The authority's certificate.
    package let certificate: ParsedCertificate
    /// The certificates above the authority that peers need, without a self-signed root.
    package let intermediatesDER: [[UInt8]]
    /// Every certificate that was loaded with the authority, its own first.
    package let loaded: [ParsedCertificate]
    /// The roots that peers are to trust: more than one during a roll-over.
    package let roots: [ParsedCertificate]

    /// The authority's private key: a secret.
    let key: PrivateKey

    /// The authorityKeyIdentifier extension of what the authority issues.
    let authorityKeyIdentifier: [UInt8]

    /// Makes an authority for development: a self-signed ECDSA P-256 root that lives in memory alone.
    ///
    /// - Parameters:
    ///   - trustDomain: The trust domain that it speaks for; it vouches for no other.
    ///   - now: The current time in Unix seconds.
    ///   - lifetimeSeconds: How long it is valid; a year unless told otherwise.
    /// - Throws: ``PKIError`` with `signingFailed`.
    public static func ephemeral(
        trustDomain: TrustDomain,
        now: Int64,
        lifetimeSeconds: Int64 = 365 * 86_400
    ) throws(PKIError) -> IssuingAuthority {
        let key = try PrivateKey.generate(.p256)
        var random = SystemRandomNumberGenerator()
        let der = try CertificateBuilder.root(
            commonName: "Countersign ephemeral authority",
            trustDomain: trustDomain,
            key: key,
            notBefore: now - 30,
            notAfter: now + lifetimeSeconds,
            random: &random
        )
        return try IssuingAuthority(certificates: [try ParsedCertificate(der: der)], key: key, now: now)
    }

    /// Takes an existing authority from PEM texts.
    ///
    /// - Parameters:
    ///   - certificatePEM: The authority's certificate, then those above it where there are any.
    ///   - keyPEM: Its private key: ECDSA or RSA of at least 2048 bits, in PKCS#8, SEC1 or PKCS#1.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `notAuthority`, `mayNotSignCertificates`, `expired`, `notYetValid`, `keyMismatch`,
    ///   `weakKey`, or what reading the certificates and the key gives.
    public convenience init(certificatePEM: [UInt8], keyPEM: [UInt8], now: Int64) throws(PKIError) {
        let chain = try CertificateChain(pem: certificatePEM)
        try self.init(certificates: chain.certificates, key: try PrivateKey(pem: keyPEM), now: now)
    }

    /// The authority's certificate in PEM.
    public var certificatePEM: String {
        PEMBlock.text(label: "CERTIFICATE", der: self.certificate.der)
    }

    /// Every certificate that was loaded with the authority, its own first.
    public var loadedDER: [[UInt8]] {
        self.loaded.map(\.der)
    }

    /// What peers need in order to trust the authority: the roots, in PEM.
    public var trustBundlePEM: String {
        self.roots.map { PEMBlock.text(label: "CERTIFICATE", der: $0.der) }.joined()
    }

    /// The authority's private key as a PKCS#8 PEM block: a secret, for a file of mode 0600.
    package var keyPEM: String {
        self.key.pemPKCS8
    }

    /// The last second at which the authority's certificate is valid, in Unix seconds.
    public var notAfter: Int64 {
        self.certificate.notAfter
    }

    /// The authority's subject key identifier, in lower-case hexadecimal without colons.
    package var subjectKeyIdentifierHex: String {
        Hexadecimal.text(of: self.certificate.keyIdentifier)
    }

    /// Issues a certificate for a new key.
    ///
    /// - Parameters:
    ///   - profile: What the certificate says.
    ///   - kind: The kind of key to generate.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `invalidProfile`, `expired`, `notYetValid` or `signingFailed`.
    public func issue(
        _ profile: CertificateProfile,
        key kind: PrivateKey.Kind,
        now: Int64
    ) throws(PKIError) -> IssuedIdentity {
        let key = try PrivateKey.generate(kind)
        var random = SystemRandomNumberGenerator()
        let certificate = try self.certify(key.publicKey, profile: profile, now: now, random: &random)
        return IssuedIdentity(certificate: certificate, key: key)
    }

    /// Signs a request, when it proves possession of a strong key and asks for nothing that the profile lacks.
    ///
    /// - Parameters:
    ///   - request: The request; only its key goes into the certificate.
    ///   - profile: What the certificate says, and so what the request may ask for.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `weakKey`, `proofOfPossessionFailed`, `nameNotAllowed`, `keyReused`, `invalidProfile`,
    ///   `expired`, `notYetValid` or `signingFailed`.
    public func sign(
        _ request: SigningRequest,
        profile: CertificateProfile,
        now: Int64
    ) throws(PKIError) -> IssuedCertificate {
        try request.check(against: profile)
        var random = SystemRandomNumberGenerator()
        return try self.certify(request.publicKey, profile: profile, now: now, random: &random)
    }

    /// Issues a certificate for a public key whose possession somebody has proven.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`, `keyReused` for a key that signs certificates, `expired`, `notYetValid` or
    ///   `signingFailed`.
    package func certify(
        _ publicKey: SubjectPublicKey,
        profile: CertificateProfile,
        now: Int64,
        random: inout some RandomNumberGenerator
    ) throws(PKIError) -> IssuedCertificate {
        try profile.check()
        if let owner = self.owner(ofKey: publicKey) {
            throw PKIError(.keyReused, "the key is that of \(owner.label), which signs certificates; make a new key")
        }
        try AuthorityRules.checkValidity(of: self.certificate, now: now)
        if let usage = self.certificate.extensions.extendedKeyUsage, !usage.allowsAny {
            let needsServer = profile.usage != .client && !usage.allowsServer
            let needsClient = profile.usage != .server && !usage.allowsClient
            if needsServer || needsClient {
                throw PKIError(.invalidProfile, "\(self.certificate.label) may not issue for these purposes")
            }
        }
        let content = CertificateContent(
            serialNumber: SerialNumber.random(&random),
            issuer: self.certificate.subjectDER,
            notBefore: max(now - profile.backdateSeconds, self.certificate.notBefore),
            notAfter: min(now + profile.lifetimeSeconds, self.certificate.notAfter),
            subject: try NameEncoding.encode(profile.subject),
            publicKey: publicKey.derEncoded,
            extensions: CertificateBuilder.extensions(
                of: profile,
                publicKey: publicKey,
                authorityKeyIdentifier: self.authorityKeyIdentifier
            )
        )
        return try self.issued(content)
    }

    /// The certificate of this authority, or of one above it, that has the key; nil when none has.
    package func owner(ofKey key: SubjectPublicKey) -> ParsedCertificate? {
        (self.loaded + self.roots).first { $0.publicKey.derEncoded == key.derEncoded }
    }

    /// Signs the fields of a certificate and describes what came of it.
    ///
    /// - Throws: ``PKIError`` with `signingFailed`.
    func issued(_ content: CertificateContent) throws(PKIError) -> IssuedCertificate {
        let der = try content.signed(by: self.key)
        if content.serialNumber.last.map({ $0 & Self.spotCheckMask == 0 }) ?? true { try self.checkSignature(of: der) }
        return IssuedCertificate(
            der: der,
            issuersDER: self.intermediatesDER,
            serialHex: SerialNumber(content.serialNumber).hexadecimal,
            notBefore: content.notBefore,
            notAfter: content.notAfter,
            serialNumber: content.serialNumber
        )
    }

    /// Reads a new certificate as any peer does, and verifies its signature.
    ///
    /// A key that was damaged in memory, or a machine that miscalculates, shows here before it has made many.
    private func checkSignature(of der: [UInt8]) throws(PKIError) {
        let issued = try ParsedCertificate(der: der)
        guard issued.isSigned(by: self.certificate), issued.issuerDER == self.certificate.subjectDER else {
            throw PKIError(.signingFailed, "the new certificate does not verify against \(self.certificate.label)")
        }
    }

    /// Takes certificates, the authority's own first, with the key and the trusted roots.
    ///
    /// - Parameter roots: The topmost certificate that was loaded when empty.
    init(
        certificates: [ParsedCertificate],
        key: PrivateKey,
        roots: [ParsedCertificate] = [],
        now: Int64
    ) throws(PKIError) {
        guard let certificate = certificates.first, let top = certificates.last else {
            throw PKIError(.nothingFound, "there is no certificate for the authority")
        }
        try AuthorityRules.check(certificate, key: key, now: now)
        self.certificate = certificate
        self.key = key
        self.authorityKeyIdentifier = ExtensionEncoding.authorityKeyIdentifier(certificate.keyIdentifier)
        self.loaded = certificates
        self.roots = roots.isEmpty ? [top] : roots
        self.intermediatesDER = certificates.filter { !$0.isSelfIssued }.map(\.der)
    }

    /// One certificate in 64, by the last bits of its random serial number, is verified after signing: all would cost
    /// more than everything else together, and RSA signatures are verified inside the cryptography library anyway.
    private static let spotCheckMask: UInt8 = 0x3F
}

extension IssuingAuthority: CustomStringConvertible, CustomReflectable {
    /// The authority by its certificate, without the key.
    public var description: String {
        "issuing authority with \(self.certificate.label)"
    }

    /// Nothing: a dump must not reach the key.
    public var customMirror: Mirror {
        Mirror(self, children: [])
    }
}
