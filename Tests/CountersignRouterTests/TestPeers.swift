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
        return try verified(try authority.issue(profile, key: .p256, now: Self.now).certificate.der)
    }

    /// A caller that was verified anew each time.
    func verdicts(_ service: String = "caller", count: Int) throws -> [VerifiedPeer] {
        let leaf = try peer(service).leafDER
        return try (0..<count).map { _ in try verified(leaf) }
    }

    /// A caller with a certificate of some twenty kilobytes.
    func large() throws -> VerifiedPeer {
        var profile = try CertificateProfile.workload(
            trustDomain: domain,
            namespace: "default",
            service: "large",
            lifetimeSeconds: 3600
        )
        let label = String(repeating: "a", count: 60)
        profile.dnsNames = (0..<100).map { "n\($0).\(label).\(label).\(label).example" }
        return try verified(try authority.issue(profile, key: .p256, now: Self.now).certificate.der)
    }

    private func verified(_ leaf: [UInt8]) throws -> VerifiedPeer {
        try ChainVerifier(trust: trust, purpose: .client).verify(
            UnverifiedPeerChain(derCertificates: [leaf]),
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
