extension IssuingAuthority {
    /// Takes the intermediate that a server signs with, and refuses what a server must not or cannot sign with.
    ///
    /// - Parameters:
    ///   - certificatePEM: The intermediate's certificate, then those above it where there are any; the root may be
    ///     among them.
    ///   - keyPEM: Its private key.
    ///   - passphrase: What the key is encrypted with, where it is.
    ///   - rootsPEM: The trusted roots, two during a roll-over; nil for the topmost certificate that was loaded.
    ///   - now: The current time in Unix seconds.
    ///   - allowsRoot: Whether a self-signed authority is accepted; for development alone.
    /// - Throws: ``PKIError`` with `rootKeyLoaded`, `notAuthority`, `mayNotSignCertificates`,
    ///   `mayNotSignRevocationLists`, `weakKey`, `expired`, `notYetValid`, `keyMismatch`, `brokenChain`,
    ///   `pathLengthExceeded`, or what reading the certificates and the key gives.
    package static func online(
        certificatePEM: [UInt8],
        keyPEM: [UInt8],
        passphrase: Passphrase? = nil,
        rootsPEM: [UInt8]? = nil,
        now: Int64,
        allowsRoot: Bool = false
    ) throws(PKIError) -> IssuingAuthority {
        let chain = try CertificateChain(pem: certificatePEM)
        let key = try PrivateKey(pem: keyPEM, passphrase: passphrase)
        if !allowsRoot { try self.refuseRootKey(key, chain) }
        let authority = try IssuingAuthority(
            certificates: chain.certificates,
            key: key,
            roots: try rootsPEM.map { roots throws(PKIError) in try CertificateChain(pem: roots).certificates } ?? [],
            now: now
        )
        guard authority.certificate.extensions.keyUsage?.contains(.revocationListSigning) ?? true else {
            throw PKIError(
                .mayNotSignRevocationLists,
                "\(authority.certificate.label) may not sign revocation lists; its keyUsage must have cRLSign"
            )
        }
        try self.checkPath(of: authority, now: now)
        return authority
    }

    /// A root's key belongs on the offline machine: whoever takes over the server would own everything below it.
    private static func refuseRootKey(_ key: PrivateKey, _ chain: CertificateChain) throws(PKIError) {
        guard let root = chain.certificates.first(where: { $0.isSelfSigned && key.matches($0) }) else { return }
        throw PKIError(
            .rootKeyLoaded,
            "the private key belongs to a root: \(root.label) is self-signed, and no server may hold its key; give the "
                + "key of an intermediate that the root has signed"
        )
    }

    /// From the intermediate up to a root, each has to have signed the one before, and to permit those below it.
    private static func checkPath(of authority: IssuingAuthority, now: Int64) throws(PKIError) {
        var path = authority.loaded
        if let top = path.last, !top.isSelfSigned,
            let root = authority.roots.first(where: { $0.subjectDER == top.issuerDER && top.isSigned(by: $0) })
        {
            path.append(root)
        }
        for (position, pair) in zip(path, path.dropFirst()).enumerated() {
            let (certificate, issuer) = pair
            guard certificate.issuerDER == issuer.subjectDER, certificate.isSigned(by: issuer) else {
                throw PKIError(
                    .brokenChain,
                    "\(certificate.label) is not signed by \(issuer.label), which stands behind it"
                )
            }
            try AuthorityRules.checkRole(of: issuer)
            try AuthorityRules.checkValidity(of: issuer, now: now)
            if let length = issuer.extensions.basicConstraints?.pathLength, length <= position {
                throw PKIError(
                    .pathLengthExceeded,
                    "\(issuer.label) has a path length of \(length), and \(position + 1) "
                        + "authorit\(position == 0 ? "y stands" : "ies stand") between it and the certificates issued here"
                )
            }
        }
        guard authority.roots.contains(where: { $0.der == path.last?.der }) else {
            throw PKIError(
                .brokenChain,
                "\(path.last?.label ?? "the chain") is not signed by any of the trusted roots"
            )
        }
    }
}
