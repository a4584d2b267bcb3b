extension RootAuthority {
    /// The next revocation list of the root: what the earlier one names, and these.
    ///
    /// - Parameters:
    ///   - earlier: the root's list before, whose number the new one's follows; nil for the first one.
    ///   - revoked: certificates that the root has signed; one that is on the earlier list already stays as it was.
    ///   - reason: why they are revoked; neither hold nor release, as nobody makes a list of a root every hour.
    ///   - now: the current time in Unix seconds.
    ///   - lifetimeSeconds: how long the list may be relied upon.
    /// - Returns: The DER encoding, and its number.
    /// - Throws: ``PKIError`` with `brokenChain` for a list or a certificate of another issuer, `invalidProfile`,
    ///   `mayNotSignRevocationLists`, `malformedRevocationList` or `signingFailed`.
    package func revocationList(
        after earlier: RevocationList?,
        revoking revoked: [ParsedCertificate],
        reason: RevocationReason,
        now: Int64,
        lifetimeSeconds: Int64
    ) throws(PKIError) -> (der: [UInt8], number: Int64) {
        guard self.certificate.extensions.keyUsage?.contains(.revocationListSigning) ?? true else {
            throw PKIError(
                .mayNotSignRevocationLists,
                "\(self.certificate.label) may not sign revocation lists; its keyUsage must have cRLSign"
            )
        }
        guard reason != .certificateHold, reason != .removeFromCRL else {
            throw PKIError(.invalidProfile, "a root's list revokes for good; the reason \(reason.name) does not")
        }
        var entries: [[UInt8]: RevocationListContent.Entry] = [:]
        for certificate in revoked {
            guard certificate.issuerDER == self.certificate.subjectDER, certificate.isSigned(by: self.certificate),
                certificate.der != self.certificate.der
            else {
                throw PKIError(.brokenChain, "\(certificate.label) was not signed by \(self.certificate.label)")
            }
            let entry = RevocationListContent.Entry(serialNumber: certificate.serialNumber, date: now, reason: reason)
            entries[entry.serialNumber] = entry
        }
        for (serial, entry) in earlier?.entries ?? [:] {
            let kept = RevocationListContent.Entry(serialNumber: serial, date: entry.date, reason: entry.reason)
            entries[kept.serialNumber] = kept
        }
        let content = RevocationListContent(
            number: try self.number(after: earlier),
            thisUpdate: now,
            nextUpdate: now + lifetimeSeconds,
            entries: entries.values.sorted { $0.serialNumber.lexicographicallyPrecedes($1.serialNumber) }
        )
        try content.check()
        let encoded = RevocationListWriter.write(
            content,
            issuer: self.certificate.subjectDER,
            algorithm: self.key.algorithmIdentifier,
            authorityKeyIdentifier: ExtensionEncoding.authorityKeyIdentifier(self.certificate.keyIdentifier)
        )
        return (try SignedEncoding.encode(encoded, key: self.key), content.number)
    }

    private func number(after earlier: RevocationList?) throws(PKIError) -> Int64 {
        guard let earlier else { return 1 }
        guard earlier.issuerDER == self.certificate.subjectDER, earlier.isSigned(by: self.certificate) else {
            throw PKIError(.brokenChain, "the earlier list was not signed by \(self.certificate.label)")
        }
        let bytes = earlier.number ?? [0]
        guard bytes.count <= 7 else {
            throw PKIError(.malformedRevocationList, "the earlier list has a number that cannot be continued")
        }
        return bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) } + 1
    }
}
