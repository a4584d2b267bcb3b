extension AuthorizationServiceSection {
    /// The certificate that the service shows to proxies; nil without TLS.
    package var certificate: CertificateSection? {
        guard tls.isEnabled, let folder = tls.certificateDirectory else { return nil }
        return CertificateSection(
            chain: reference("\(folder)/cert.pem", .certificates),
            privateKey: reference("\(folder)/key.pem", .privateKey)
        )
    }

    /// Who may vouch for proxies; nil when proxies need no certificate.
    package var proxyAuthorities: PEMReference? {
        tls.isEnabled ? tls.authorityFile.map { reference($0, .certificates) } : nil
    }

    private func reference(_ path: String, _ content: PEMReference.Content) -> PEMReference {
        PEMReference(source: .path(path), content: content, place: place)
    }
}
