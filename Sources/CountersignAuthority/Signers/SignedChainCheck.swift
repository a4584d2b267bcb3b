import CountersignIdentity
package import CountersignPKI

/// Holds a certificate from outside against what was ordered, before anybody gets it.
///
/// A CA that is misconfigured, or that somebody else commands, can so do no more than fail to deliver.
package struct SignedChainCheck: Sendable {
    private let trust: TrustStore
    /// How far the clock of the outside CA may be off, in seconds.
    private let tolerance: Int64 = 60

    /// - Parameter trust: the roots that certificates have to lead to.
    package init(trust: TrustStore) {
        self.trust = trust
    }

    /// The certificate as the authority records and hands it out.
    ///
    /// - Throws: ``SignerFailure`` with `malformedAnswer` or `wrongCertificate`.
    package func certificate(
        _ chain: SignedChain,
        for order: SigningOrder,
        now: Int64
    ) throws(SignerFailure) -> OutsideCertificate {
        let leaf: ParsedCertificate
        do {
            leaf = try ParsedCertificate(der: chain.leafDER)
        } catch {
            throw SignerFailure(.malformedAnswer, "the outside CA's certificate cannot be read: \(error)")
        }
        guard leaf.publicKey.derEncoded == order.request.publicKey.derEncoded else {
            throw wrong("it is for another key than the request's")
        }
        try checkNames(leaf, order.content)
        try checkSubject(leaf, order.content)
        try checkValidity(leaf, order.content, now)
        let issuers = chain.issuersDER.filter { $0 != leaf.der }
        try checkChain(leaf, issuers, order.content, now)
        guard let identifier = leaf.extensions.authorityKeyIdentifier?.keyIdentifier else {
            throw wrong("it has no authority key identifier, by which revocations tell issuers apart")
        }
        return OutsideCertificate(
            issued: IssuedCertificate(leaf, issuersDER: Self.withoutRoots(issuers)),
            issuerKeyID: Hexadecimal.text(of: identifier)
        )
    }

    private func checkNames(_ leaf: ParsedCertificate, _ content: CertificateProfile) throws(SignerFailure) {
        var wanted = Set(content.dnsNames.map { AlternativeName.dns($0.lowercased()) })
        for address in content.addresses { wanted.insert(.ip(address.networkBytes)) }
        if let id = content.spiffeID { wanted.insert(.uri(id.description)) }
        let found = Set(leaf.extensions.alternativeNames.map(Self.folded))
        if let name = found.subtracting(wanted).first {
            throw wrong("it names \(name.printable), which was not ordered")
        }
        if let name = wanted.subtracting(found).first {
            throw wrong("\(name.printable) is not among its names")
        }
    }

    /// Common names and organizational units say who somebody is; countries and the like are the outside CA's business.
    private func checkSubject(_ leaf: ParsedCertificate, _ content: CertificateProfile) throws(SignerFailure) {
        let subject = leaf.subjectName
        let names = [content.commonName].compactMap(\.self) + content.dnsNames
        if let name = subject.commonNames.first(where: { !names.contains($0) }) {
            throw wrong("its common name is '\(PrintableText.escaped(name))', which was not ordered")
        }
        let units = content.subject.organizationalUnits
        if let unit = subject.organizationalUnits.first(where: { !units.contains($0) }) {
            throw wrong("its organizational unit '\(PrintableText.escaped(unit))' was not ordered")
        }
    }

    private func checkValidity(
        _ leaf: ParsedCertificate,
        _ content: CertificateProfile,
        _ now: Int64
    ) throws(SignerFailure) {
        guard leaf.notBefore <= now + tolerance, leaf.notAfter > now else {
            throw wrong("it is not valid now")
        }
        guard leaf.notAfter <= now + content.lifetimeSeconds + tolerance else {
            throw wrong(
                "it is valid for \(leaf.notAfter - now) more seconds, and the profile allows \(content.lifetimeSeconds)"
            )
        }
    }

    private func checkChain(
        _ leaf: ParsedCertificate,
        _ issuers: [[UInt8]],
        _ content: CertificateProfile,
        _ now: Int64
    ) throws(SignerFailure) {
        guard !leaf.isAuthority else { throw wrong("it is a certificate authority's") }
        let chain = UnverifiedPeerChain(derCertificates: [leaf.der] + issuers)
        // Certificates whose validity begins in a moment are taken, so the moment is theirs.
        let time = max(now, leaf.notBefore)
        for purpose in Self.purposes(of: content.usage) {
            switch ChainVerifier(trust: trust, purpose: purpose).verify(chain, atUnixSeconds: time) {
            case .success: break
            case .failure(let rejection): throw wrong("it does not lead to the configured roots: \(rejection)")
            }
        }
    }

    private static func purposes(of usage: CertificateProfile.Usage) -> [VerificationPurpose] {
        switch usage {
        case .both: [.server, .client]
        case .server: [.server]
        case .client: [.client]
        }
    }

    private static func folded(_ name: AlternativeName) -> AlternativeName {
        if case .dns(let text) = name { .dns(text.lowercased()) } else { name }
    }

    private static func withoutRoots(_ issuers: [[UInt8]]) -> [[UInt8]] {
        issuers.filter { der in (try? ParsedCertificate(der: der)).map { !$0.isSelfIssued } ?? false }
    }

    private func wrong(_ reason: String) -> SignerFailure {
        SignerFailure(.wrongCertificate, "the outside CA's certificate is refused: \(reason)")
    }
}

/// A certificate from outside that is what was ordered.
package struct OutsideCertificate: Sendable {
    /// The certificate and those above it.
    package let issued: IssuedCertificate
    /// The key identifier of its issuer, in lower-case hexadecimal without colons.
    package let issuerKeyID: String
}
