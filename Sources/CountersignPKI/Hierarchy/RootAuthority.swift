import CountersignIdentity

/// The top of a hierarchy, in use on the offline machine: its certificate and its private key.
///
/// It signs intermediates and nothing else. A server has no use for it: servers take an ``IssuingAuthority``.
package struct RootAuthority: Sendable {
    /// The root's certificate.
    package let certificate: ParsedCertificate

    /// The root's private key: a secret.
    let key: PrivateKey

    /// Makes a root: a self-signed certificate for the key.
    ///
    /// - Parameters:
    ///   - profile: What the certificate says; its subject may not be empty, and its path length is at least 1 where
    ///     intermediates are to be signed.
    ///   - key: The root's private key, which signs its own certificate.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `invalidProfile` or `signingFailed`.
    package static func make(
        _ profile: AuthorityProfile,
        key: PrivateKey,
        now: Int64
    ) throws(PKIError) -> RootAuthority {
        try profile.check()
        guard !profile.subject.isEmpty else { throw PKIError(.invalidProfile, "a root needs a name") }
        var random = SystemRandomNumberGenerator()
        let name = try NameEncoding.encode(profile.subject)
        let identifier = key.publicKey.keyIdentifier
        let content = CertificateContent(
            serialNumber: SerialNumber.random(&random),
            issuer: name,
            notBefore: now - profile.backdateSeconds,
            notAfter: now + profile.lifetimeSeconds,
            subject: name,
            publicKey: key.publicKey.derEncoded,
            extensions: [
                ExtensionEncoding.authority(pathLength: profile.pathLength),
                ExtensionEncoding.keyUsage([.certificateSigning, .revocationListSigning]),
                ExtensionEncoding.subjectKeyIdentifier(identifier),
                ExtensionEncoding.authorityKeyIdentifier(identifier),
            ] + profile.extensions
        )
        return try RootAuthority(
            certificate: ParsedCertificate(der: content.signed(by: key)),
            key: key,
            now: now
        )
    }

    /// Takes a root from its certificate and its key.
    ///
    /// - Throws: ``PKIError`` with `notSelfSigned`, `notAuthority`, `mayNotSignCertificates`, `weakKey`, `expired`,
    ///   `notYetValid`, `keyMismatch`, or what reading the certificate gives.
    package init(certificatePEM: [UInt8], key: PrivateKey, now: Int64) throws(PKIError) {
        let chain = try CertificateChain(pem: certificatePEM)
        guard chain.certificates.count == 1, let certificate = chain.certificates.first else {
            throw PKIError(
                .unexpectedBlock,
                "\(chain.certificates.count) certificates, where the root's alone is expected",
                line: chain.lines.last
            )
        }
        try self.init(certificate: certificate, key: key, now: now)
    }

    /// The root's certificate in PEM.
    package var certificatePEM: String {
        PEMBlock.text(label: "CERTIFICATE", der: self.certificate.der)
    }

    /// Signs the request of an intermediate authority.
    ///
    /// - Parameters:
    ///   - request: Proves possession of its key and asks to be an authority. Its subject is taken when the profile has
    ///     none; of names it may ask for the SPIFFE ID of the profile's trust domain alone.
    ///   - profile: What the certificate says; its end is the root's where it would lie behind it.
    ///   - now: The current time in Unix seconds.
    /// - Throws: ``PKIError`` with `weakKey`, `proofOfPossessionFailed`, `notAuthority` when the request does not ask to
    ///   be an authority, `keyReused`, `nameNotAllowed`, `pathLengthExceeded`, `invalidProfile`, `expired`,
    ///   `notYetValid` or `signingFailed`.
    package func sign(
        _ request: SigningRequest,
        profile: AuthorityProfile,
        now: Int64
    ) throws(PKIError) -> IssuedCertificate {
        var profile = profile
        try self.check(request, &profile)
        try AuthorityRules.checkValidity(of: self.certificate, now: now)
        var random = SystemRandomNumberGenerator()
        let content = CertificateContent(
            serialNumber: SerialNumber.random(&random),
            issuer: self.certificate.subjectDER,
            notBefore: max(now - profile.backdateSeconds, self.certificate.notBefore),
            notAfter: min(now + profile.lifetimeSeconds, self.certificate.notAfter),
            subject: profile.subject.isEmpty ? request.subjectDER : try NameEncoding.encode(profile.subject),
            publicKey: request.publicKey.derEncoded,
            extensions: [
                ExtensionEncoding.authority(pathLength: profile.pathLength),
                ExtensionEncoding.keyUsage([.digitalSignature, .certificateSigning, .revocationListSigning]),
                ExtensionEncoding.subjectKeyIdentifier(request.publicKey.keyIdentifier),
                ExtensionEncoding.authorityKeyIdentifier(self.certificate.keyIdentifier),
            ] + profile.extensions
        )
        let der = try content.signed(by: self.key)
        guard try ParsedCertificate(der: der).isSigned(by: self.certificate) else {
            throw PKIError(.signingFailed, "the new certificate does not verify against \(self.certificate.label)")
        }
        return IssuedCertificate(
            der: der,
            issuersDER: [],
            serialHex: SerialNumber(content.serialNumber).hexadecimal,
            notBefore: content.notBefore,
            notAfter: content.notAfter,
            serialNumber: content.serialNumber
        )
    }

    private func check(_ request: SigningRequest, _ profile: inout AuthorityProfile) throws(PKIError) {
        try request.checkProofOfPossession()
        guard request.extensions.basicConstraints?.isAuthority ?? false else {
            throw PKIError(
                .notAuthority,
                "the request does not ask to be a certificate authority (CA:TRUE); is it the request of an intermediate?"
            )
        }
        guard request.publicKey.derEncoded != self.certificate.publicKey.derEncoded else {
            throw PKIError(.keyReused, "the request is for the root's own key; an intermediate needs a key of its own")
        }
        try self.takeNames(of: request, &profile)
        try profile.check()
        guard let mine = self.certificate.extensions.basicConstraints?.pathLength else { return }
        guard let wanted = profile.pathLength, wanted < mine else {
            throw PKIError(
                .pathLengthExceeded,
                "\(self.certificate.label) has a path length of \(mine), so an intermediate's must be below that; "
                    + "\(profile.pathLength.map(String.init) ?? "no limit") was asked for"
            )
        }
    }

    private func takeNames(of request: SigningRequest, _ profile: inout AuthorityProfile) throws(PKIError) {
        guard !profile.subject.isEmpty || !request.subject.isEmpty else {
            throw PKIError(.invalidProfile, "an intermediate needs a name, and neither request nor options have one")
        }
        if profile.subject.isEmpty {
            guard request.subjectDER != self.certificate.subjectDER else {
                throw PKIError(.nameNotAllowed, "the request has the root's own name; an intermediate needs another")
            }
            try SubjectRules.check(request.subject.distinguishedName)
        }
        for name in request.extensions.alternativeNames {
            let domain = AuthorityRules.trustDomain(namedBy: name)
            guard let domain, profile.trustDomain ?? domain == domain else {
                throw PKIError(
                    .nameNotAllowed,
                    "the request asks for the name \(PrintableText.escaped(NameSubtree.text(of: name))); "
                        + "an authority may have the SPIFFE ID of one trust domain, without a path"
                )
            }
            profile.trustDomain = domain
        }
    }

    private init(certificate: ParsedCertificate, key: PrivateKey, now: Int64) throws(PKIError) {
        guard certificate.isSelfSigned else {
            throw PKIError(.notSelfSigned, "\(certificate.label) is not self-signed, so it is no root")
        }
        try AuthorityRules.check(certificate, key: key, now: now)
        self.certificate = certificate
        self.key = key
    }
}

extension RootAuthority: CustomStringConvertible, CustomReflectable {
    /// The root by its certificate, without the key.
    package var description: String { "root authority with \(self.certificate.label)" }

    /// Nothing: a dump must not reach the key.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
