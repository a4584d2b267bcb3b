import CountersignIdentity

extension IssuingAuthority {
    /// Issues a certificate whose key may answer OCSP requests in the name of this authority, and for nothing else.
    ///
    /// It says that it need not be looked up itself (ocsp-nocheck), so it is to be short-lived.
    ///
    /// - Parameters:
    ///   - commonName: The responder's name.
    ///   - lifetimeSeconds: How long it is valid; never past the authority's end.
    ///   - kind: The kind of key to generate.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `invalidProfile`, `expired`, `notYetValid` or `signingFailed`.
    package func issueResponder(
        commonName: String,
        lifetimeSeconds: Int64,
        key kind: PrivateKey.Kind,
        now: Int64
    ) throws(PKIError) -> IssuedIdentity {
        try AuthorityRules.checkValidity(of: self.certificate, now: now)
        let subject = DistinguishedName(encodingOrder: [.init(.commonName, commonName)])
        try SubjectRules.check(subject)
        guard (1...CertificateProfile.maximumLifetimeSeconds).contains(lifetimeSeconds) else {
            throw PKIError(.invalidProfile, "a lifetime of \(lifetimeSeconds) seconds")
        }
        let key = try PrivateKey.generate(kind)
        var random = SystemRandomNumberGenerator()
        let content = CertificateContent(
            serialNumber: SerialNumber.random(&random),
            issuer: self.certificate.subjectDER,
            notBefore: max(now - 30, self.certificate.notBefore),
            notAfter: min(now + lifetimeSeconds, self.certificate.notAfter),
            subject: try NameEncoding.encode(subject),
            publicKey: key.publicKey.derEncoded,
            extensions: [
                ExtensionEncoding.notAuthority,
                ExtensionEncoding.keyUsage(.digitalSignature),
                ExtensionEncoding.extendedKeyUsage([ObjectIdentifiers.ocspSigning]),
                ExtensionEncoding.subjectKeyIdentifier(key.publicKey.keyIdentifier),
                self.authorityKeyIdentifier,
                ExtensionEncoding.encode(ObjectIdentifiers.ocspNoCheck) { $0.field(DERTag.null, content: []) },
            ]
        )
        return IssuedIdentity(certificate: try self.issued(content), key: key)
    }
}
