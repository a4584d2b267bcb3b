import CountersignForwarding
import CountersignIdentity
package import CountersignIdentityMapping
package import CountersignPKI

/// A certificate whose holder is at the other end, by the word of TLS or of a trusted proxy.
package struct PresentedCertificate: Sendable, Hashable {
    /// By whose word.
    package enum Source: String, Sendable, Hashable, CaseIterable {
        /// The handshake of the request's own connection.
        case connection
        /// A header of a trusted proxy, with the certificate or its digest.
        case forwarded
        /// A header of a trusted proxy, with subject and serial number alone.
        case terminator
    }

    /// By whose word.
    package let source: Source
    /// What mappings look at.
    package let facts: MappedCertificate
    /// The service that the certificate names.
    package let service: String?

    /// The digest of the certificate; nil when it was not told.
    package var thumbprint: CertificateThumbprint? { facts.thumbprint }

    /// The subject as text of ASCII.
    package var subject: String { facts.identity.subject.rendered(.rfc2253) }

    private init(_ source: Source, _ facts: MappedCertificate, service: String?) {
        self.source = source
        self.facts = facts
        self.service = service
    }

    /// Takes a verified peer; nil when its certificate does not parse, which the verifier excludes.
    init?(_ peer: VerifiedPeer, source: Source) {
        guard let certificate = try? ParsedCertificate(der: peer.leafDER) else { return nil }
        self.init(certificate, identity: peer.identity, source: source)
    }

    /// Takes a certificate that a proxy vouches for.
    init(vouchedFor certificate: ParsedCertificate) {
        let identity = CallerIdentity(
            subject: certificate.subjectName,
            uriNames: certificate.alternativeNames.compactMap { if case .uri(let uri) = $0 { uri } else { nil } },
            trustDomains: .unrestricted
        )
        self.init(certificate, identity: identity, source: .forwarded)
    }

    private init(_ certificate: ParsedCertificate, identity: CallerIdentity, source: Source) {
        let facts = MappedCertificate(
            identity: identity,
            issuer: certificate.issuerName,
            dnsNames: certificate.alternativeNames.compactMap { if case .dns(let name) = $0 { name } else { nil } },
            thumbprint: CertificateThumbprint(certificate.sha256)
        )
        self.init(source, facts, service: identity.spiffeID.flatMap(CallerNames.service(of:)))
    }

    /// Takes an element of X-Forwarded-Client-Cert without the certificate itself.
    ///
    /// - Throws: `IdentityError` when its Subject is no distinguished name.
    init(_ element: XFCCElement, _ thumbprint: CertificateThumbprint) throws(IdentityError) {
        let subject = try DistinguishedName(parsing: element.subject ?? "")
        let identity = CallerIdentity(subject: subject, uriNames: element.uris, trustDomains: .unrestricted)
        let facts = MappedCertificate(
            identity: identity,
            issuer: nil,
            dnsNames: element.dnsNames,
            thumbprint: thumbprint
        )
        self.init(.forwarded, facts, service: identity.spiffeID.flatMap(CallerNames.service(of:)))
    }

    /// Takes what a TLS terminator told.
    init(_ terminator: TerminatorIdentity) {
        let identity = CallerIdentity(subject: terminator.subject, uriNames: [], trustDomains: .unrestricted)
        let facts = MappedCertificate(identity: identity, issuer: nil, dnsNames: [], thumbprint: nil)
        self.init(.terminator, facts, service: identity.ambiguity == nil ? terminator.service : nil)
    }
}

extension ParsedCertificate {
    var alternativeNames: [AlternativeName] { extensions.alternativeNames }
}

extension MappedCertificate {
    /// What a mapping would look at in a certificate, for tools that explain one.
    package init(certificate: ParsedCertificate) {
        self = PresentedCertificate(vouchedFor: certificate).facts
    }
}
