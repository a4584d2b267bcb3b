/// The rules for one certificate by itself (RFC 5280), apart from who signed it.
struct CertificateRules {
    let purpose: VerificationPurpose
    let profile: VerificationProfile
    let now: Int64

    /// What is wrong with the certificate as the peer's own; nil when nothing is.
    func faultOfLeaf(_ leaf: ParsedCertificate) -> ChainRejection? {
        if let fault = self.faultOfAny(leaf) ?? self.faultOfNonAnchor(leaf) { return fault }
        let extensions = leaf.extensions
        if leaf.isAuthority {
            return ChainRejection(
                .leafIsAuthority,
                "\(leaf.label) is a certificate authority's; the peer needs a certificate of its own (CA:FALSE)"
            )
        }
        if let usage = extensions.keyUsage {
            guard usage.contains(.digitalSignature), !usage.contains(.certificateSigning) else {
                return ChainRejection(
                    .keyUsage,
                    "the key usage of \(leaf.label) is \(usage.names.joined(separator: ", ")); a TLS peer needs "
                        + "digitalSignature and must not have keyCertSign"
                )
            }
        }
        if let usage = extensions.extendedKeyUsage, !self.purpose.isAllowed(by: usage) {
            return self.wrongPurpose(leaf, usage)
        }
        if leaf.namesWorkload, let fault = self.faultOfWorkload(leaf) { return fault }
        let areNamesCritical = extensions.isCritical(.subjectAlternativeName)
        if leaf.subject.isEmpty, extensions.alternativeNames.isEmpty || !areNamesCritical {
            return ChainRejection(
                .malformed,
                "\(leaf.label) has an empty subject; its subjectAltName must then be there and critical"
            )
        }
        if extensions.nameConstraints != nil {
            return ChainRejection(
                .malformed,
                "\(leaf.label) has nameConstraints, which belong in certificate authorities only"
            )
        }
        return nil
    }

    /// The rules for X.509-SVIDs beyond those for every leaf.
    private func faultOfWorkload(_ leaf: ParsedCertificate) -> ChainRejection? {
        let usage = leaf.extensions.keyUsage
        if usage?.contains(.revocationListSigning) ?? false {
            return ChainRejection(.keyUsage, "\(leaf.label) has a SPIFFE ID and may not have the key usage cRLSign")
        }
        return self.profile == .strict ? StrictRules.faultOfWorkload(leaf) : nil
    }

    /// What is wrong with the certificate as an issuer; nil when nothing is.
    ///
    /// - Parameters:
    ///   - issuersBelow: How many issuers that are not self-issued lie between it and the leaf.
    ///   - isAnchor: Whether it is trusted by configuration and not by a signature.
    func faultOfIssuer(_ issuer: ParsedCertificate, issuersBelow: Int, isAnchor: Bool) -> ChainRejection? {
        let extensions = issuer.extensions
        guard issuer.isAuthority else {
            return ChainRejection(
                .notAuthority,
                "\(issuer.label) issued a certificate and is no certificate authority (CA:TRUE is missing)"
            )
        }
        if let usage = extensions.keyUsage, !usage.contains(.certificateSigning) {
            return ChainRejection(
                .keyUsage,
                "\(issuer.label) issued a certificate and its key usage lacks keyCertSign"
            )
        }
        if let fault = self.faultOfAny(issuer) { return fault }
        if !isAnchor, let fault = self.faultOfNonAnchor(issuer) { return fault }
        if let limit = extensions.basicConstraints?.pathLength, issuersBelow > limit {
            return ChainRejection(
                .pathLengthExceeded,
                "\(issuer.label) allows \(limit) intermediate authorities below it; there are \(issuersBelow)"
            )
        }
        if let usage = extensions.extendedKeyUsage, !self.purpose.isAllowed(by: usage) {
            return self.wrongPurpose(issuer, usage)
        }
        if issuer.subject.isEmpty {
            return ChainRejection(.malformed, "\(issuer.label) is an authority without a subject")
        }
        return self.profile == .strict ? StrictRules.faultOfIssuer(issuer, isAnchor: isAnchor) : nil
    }

    /// The rules for every certificate, trusted ones included.
    private func faultOfAny(_ certificate: ParsedCertificate) -> ChainRejection? {
        guard certificate.version == 3 else {
            return ChainRejection(
                .malformed,
                "\(certificate.label) is of version \(certificate.version); only version 3 says what it is for"
            )
        }
        guard certificate.algorithmsAgree else {
            return ChainRejection(.malformed, "\(certificate.label) names two different signature algorithms")
        }
        if let identifier = certificate.extensions.unhandledCritical.first {
            return ChainRejection(
                .unhandledCriticalExtension,
                "\(certificate.label) has the critical extension \(identifier), which is not understood here"
            )
        }
        guard certificate.publicKey.isStrong else {
            return ChainRejection(
                .weakKey,
                "the key of \(certificate.label) is \(certificate.publicKey.kind.name); RSA from "
                    + "\(SubjectPublicKey.minimumRSABits) bits, P-256, P-384, P-521 and Ed25519 are accepted"
            )
        }
        return self.faultOfValidity(certificate) ?? self.faultOfCriticality(certificate)
    }

    private func faultOfValidity(_ certificate: ParsedCertificate) -> ChainRejection? {
        if self.now > certificate.notAfter {
            let end = CalendarTime(unixSeconds: certificate.notAfter).rfc3339
            return ChainRejection(.expired, "\(certificate.label) expired at \(end)")
        }
        if self.now < certificate.notBefore {
            let start = CalendarTime(unixSeconds: certificate.notBefore).rfc3339
            return ChainRejection(
                .notYetValid,
                "\(certificate.label) is not valid before \(start); check the clocks of both sides"
            )
        }
        return nil
    }

    /// Key identifiers and locations are hints, and RFC 5280 forbids to make hints critical.
    private func faultOfCriticality(_ certificate: ParsedCertificate) -> ChainRejection? {
        let hints = [
            (OID.authorityKeyIdentifier, "authorityKeyIdentifier"), (.subjectKeyIdentifier, "subjectKeyIdentifier"),
            (.authorityInformationAccess, "authorityInfoAccess"),
        ]
        for (identifier, name) in hints where certificate.extensions.isCritical(identifier) {
            return ChainRejection(.malformed, "\(certificate.label) has a critical \(name), which must not be critical")
        }
        return nil
    }

    /// The rules for certificates that are believed for a signature's sake.
    private func faultOfNonAnchor(_ certificate: ParsedCertificate) -> ChainRejection? {
        switch certificate.signatureAlgorithm {
        case .broken(let name), .unknown(let name):
            return ChainRejection(
                .weakSignature,
                "\(certificate.label) is signed with \(name); ECDSA or RSA with SHA-256, SHA-384 or SHA-512, and "
                    + "Ed25519 are accepted"
            )
        case .ecdsa, .rsaPKCS1, .rsaPSS, .ed25519:
            break
        }
        let serial = certificate.serialNumber
        guard let first = serial.first, first < 0x80, serial != [0], serial.count <= 20 else {
            return ChainRejection(
                .malformed,
                "\(certificate.label) has a serial number that is not positive or longer than 20 bytes"
            )
        }
        return self.profile == .strict ? StrictRules.faultOfNonAnchor(certificate) : nil
    }

    private func wrongPurpose(_ certificate: ParsedCertificate, _ usage: ExtendedKeyUsageField) -> ChainRejection {
        ChainRejection(
            .wrongPurpose,
            "the extended key usage of \(certificate.label) is \(usage.names.joined(separator: ", ")); "
                + "\(self.purpose.usageName) is needed here"
        )
    }
}
