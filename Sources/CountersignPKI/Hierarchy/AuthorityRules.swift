import CountersignIdentity

/// What has to hold for a certificate and a key that are to sign certificates.
enum AuthorityRules {
    /// Refuses a certificate that may not sign others, or that the key does not belong to.
    ///
    /// - Throws: ``PKIError`` with `notAuthority`, `mayNotSignCertificates`, `weakKey`, `expired`, `notYetValid`,
    ///   `keyMismatch` or, for a key that miscalculates, `signingFailed`.
    static func check(_ certificate: ParsedCertificate, key: PrivateKey, now: Int64) throws(PKIError) {
        try self.checkRole(of: certificate)
        guard certificate.publicKey.isStrong else {
            throw PKIError(
                .weakKey,
                "the key of \(certificate.label) is \(certificate.publicKey.kind.name), which is too weak"
            )
        }
        try self.checkValidity(of: certificate, now: now)
        guard key.matches(certificate) else {
            throw PKIError(.keyMismatch, "the private key does not belong to \(certificate.label)")
        }
        let probe = Array("a signature that proves that key and certificate fit".utf8)
        let signature = try key.signature(over: probe)
        guard certificate.publicKey.verifies(signature, over: probe, algorithm: key.signingAlgorithm) else {
            throw PKIError(.signingFailed, "signatures by the private key do not verify against \(certificate.label)")
        }
    }

    /// Refuses a certificate that is no authority's, or whose key may not sign certificates.
    ///
    /// - Throws: ``PKIError`` with `notAuthority` or `mayNotSignCertificates`.
    static func checkRole(of certificate: ParsedCertificate) throws(PKIError) {
        guard certificate.isAuthority else {
            throw PKIError(
                .notAuthority,
                "\(certificate.label) is not a certificate authority; its basicConstraints must say CA:TRUE"
            )
        }
        guard certificate.extensions.keyUsage?.contains(.certificateSigning) ?? true else {
            throw PKIError(
                .mayNotSignCertificates,
                "\(certificate.label) may not sign certificates; its keyUsage must have keyCertSign"
            )
        }
    }

    /// Refuses a certificate outside its validity.
    ///
    /// - Throws: ``PKIError`` with `expired` or `notYetValid`.
    static func checkValidity(of certificate: ParsedCertificate, now: Int64) throws(PKIError) {
        guard now <= certificate.notAfter else {
            let end = CalendarTime(unixSeconds: certificate.notAfter).rfc3339
            throw PKIError(.expired, "\(certificate.label) expired at \(end) and can issue no more")
        }
        guard now >= certificate.notBefore else {
            let start = CalendarTime(unixSeconds: certificate.notBefore).rfc3339
            throw PKIError(.notYetValid, "\(certificate.label) is not valid before \(start)")
        }
    }

    /// The trust domain of a SPIFFE ID without a path; nil for any other name.
    static func trustDomain(namedBy name: AlternativeName) -> TrustDomain? {
        guard case .uri(let uri) = name, let id = try? SPIFFEID(parsing: uri), !id.namesWorkload else { return nil }
        return id.trustDomain
    }
}

extension ParsedCertificate {
    /// Whether the certificate is signed by its own key.
    package var isSelfSigned: Bool {
        self.isSelfIssued && self.isSigned(by: self)
    }
}
