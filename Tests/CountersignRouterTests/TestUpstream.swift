import CountersignIdentity
import CountersignPKI
import CountersignRouter

/// An upstream of a test's authority.
struct TestUpstream {
    let peers: TestPeers
    let verifier: DomainVerifier

    init() throws {
        peers = try TestPeers()
        verifier = DomainVerifier(
            verifier: ChainVerifier(trust: peers.trust, purpose: .server),
            revoked: RevokedCertificates()
        )
    }

    /// What is asked of the upstream.
    func security(
        _ name: String = "users",
        expecting names: [PeerNameRequirement]? = nil,
        allowsFallback: Bool = false
    ) throws -> UpstreamSecurity? {
        UpstreamSecurity(
            name: name,
            verifier: verifier,
            expectedNames: try names ?? [.trustDomain(try TrustDomain(parsing: "example.org"))],
            serverName: nil,
            presentsIdentity: true,
            allowsFallback: allowsFallback
        )
    }

    /// What is asked of endpoints that no named upstream has.
    func unnamed(verifiesHostname: Bool = true, trustDomain: String? = nil) throws -> UpstreamSecurityPlan.Unnamed {
        UpstreamSecurityPlan.Unnamed(
            verifier: verifier,
            trustDomain: try trustDomain.map { try TrustDomain(parsing: $0) },
            verifiesHostname: verifiesHostname,
            presentsIdentity: true,
            allowsFallback: false
        )
    }
}
