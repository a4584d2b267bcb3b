/// What the certificates of one verified path are revoked by.
package struct PathRevocationKeys: Sendable, Hashable {
    /// Those by the key identifiers of the issuers, as revocation events name them.
    package let byKeyIdentifier: [RevocationKey]

    /// Those by the names of the issuers, as revocation lists name them.
    package let byIssuerName: [RevocationKey]

    /// Makes the keys of every certificate of a path, leaf first and the trusted authority last.
    ///
    /// The trusted authority counts as well: it may be an intermediate that somebody else can revoke. Unless it is
    /// self-issued, its issuer is known by what it states itself.
    init(path: [ParsedCertificate]) {
        var byKeyIdentifier: [RevocationKey] = []
        for (certificate, issuer) in zip(path, path.dropFirst()) {
            byKeyIdentifier += RevocationKey.byKeyIdentifier(of: certificate, issuer: issuer)
        }
        if let anchor = path.last {
            if let stated = anchor.extensions.authorityKeyIdentifier?.keyIdentifier {
                byKeyIdentifier.append(RevocationKey(issuerKeyIdentifier: stated, serial: anchor.serialNumber))
            } else if anchor.isSelfIssued {
                byKeyIdentifier += RevocationKey.byKeyIdentifier(of: anchor, issuer: anchor)
            }
        }
        self.byKeyIdentifier = byKeyIdentifier
        self.byIssuerName = path.map { RevocationKey(issuerDER: $0.issuerDER, serial: $0.serialNumber) }
    }
}
