import CountersignIdentity
import CountersignPKI

/// An authority of a test and the verified callers below it.
struct TestPeers {
    static let now: Int64 = 1_800_000_000

    let authority: IssuingAuthority
    let trust: TrustStore
    private let domain: TrustDomain

    init() throws {
        domain = try TrustDomain(parsing: "example.org")
        authority = try .ephemeral(trustDomain: domain, now: Self.now)
        trust = try TrustStore(pem: authority.certificatePEM)
    }

    /// A caller with a certificate of its own.
    func peer(_ service: String = "caller", lifetimeSeconds: Int64 = 3600) throws -> VerifiedPeer {
        let profile = try CertificateProfile.workload(
            trustDomain: domain,
            namespace: "default",
            service: service,
            lifetimeSeconds: lifetimeSeconds
        )
        let issued = try authority.issue(profile, key: .p256, now: Self.now)
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        return try verifier.verify(
            UnverifiedPeerChain(derCertificates: [issued.certificate.der]),
            atUnixSeconds: Self.now
        ).get()
    }

    /// What an authority's event says a peer's own certificate is revoked by.
    static func key(of peer: VerifiedPeer) throws -> RevocationKey {
        let leaf = try ParsedCertificate(der: peer.leafDER)
        return RevocationKey(
            issuerKeyIdentifier: leaf.extensions.authorityKeyIdentifier?.keyIdentifier ?? [],
            serial: leaf.serialNumber
        )
    }
}
