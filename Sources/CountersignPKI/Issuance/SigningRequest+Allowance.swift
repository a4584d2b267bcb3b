import CountersignIdentity

extension SigningRequest {
    /// Refuses a request for a weak key, or one that its key did not sign.
    ///
    /// - Throws: ``PKIError`` with `weakKey` or `proofOfPossessionFailed`.
    func checkProofOfPossession() throws(PKIError) {
        guard self.publicKey.isStrong else {
            throw PKIError(
                .weakKey,
                "the key of the request is \(self.publicKey.kind.name); RSA from 2048 bits, P-256, P-384, P-521 and "
                    + "Ed25519 are accepted"
            )
        }
        guard self.isSelfConsistent else {
            throw PKIError(
                .proofOfPossessionFailed,
                "the request is not signed by the key that it carries, with ECDSA or RSA and SHA-256 or better"
            )
        }
    }

    /// Refuses a request that cannot be signed, or that asks for more than the profile allows.
    ///
    /// Every alternative name must be one of the profile's; every subject attribute must be in the profile's subject,
    /// or be a common name that is one of its DNS names; nobody may ask to be an authority.
    ///
    /// - Throws: ``PKIError`` with `weakKey`, `proofOfPossessionFailed` or `nameNotAllowed`.
    func check(against profile: CertificateProfile) throws(PKIError) {
        try self.checkProofOfPossession()
        if self.extensions.basicConstraints?.isAuthority ?? false {
            throw PKIError(.nameNotAllowed, "the request asks to be a certificate authority")
        }
        for name in self.extensions.alternativeNames where !profile.allows(name) {
            throw PKIError(
                .nameNotAllowed,
                "the request asks for the name \(PrintableText.escaped(NameSubtree.text(of: name))), which is not allowed"
            )
        }
        let allowed = Set(profile.subject.attributes)
        for attribute in self.subject.distinguishedName.attributes where !allowed.contains(attribute) {
            if attribute.type == .commonName, let name = attribute.text, profile.allows(.dns(name)) { continue }
            let text = DistinguishedName(encodingOrder: [RelativeDistinguishedName([attribute])]).rendered(.rfc2253)
            throw PKIError(.nameNotAllowed, "the request asks for the subject attribute \(text), which is not allowed")
        }
    }
}

extension CertificateProfile {
    /// Whether the profile has the name.
    fileprivate func allows(_ name: AlternativeName) -> Bool {
        switch name {
        case .dns(let name):
            guard let wanted = try? HostPattern(parsing: name) else { return false }
            return self.dnsNames.contains { (try? HostPattern(parsing: $0)) == wanted }
        case .uri(let uri): return self.spiffeID?.description == uri
        case .ip(let bytes): return self.addresses.contains { $0.networkBytes == bytes }
        case .email, .directory, .other: return false
        }
    }
}
