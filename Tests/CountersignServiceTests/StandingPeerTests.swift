import CountersignIdentity
import CountersignPKI
import CountersignService
import Testing

@Suite struct StandingPeerTests {
    /// Shows an identity, and then another one.
    private struct Exchange: IdentityFollower {
        let next: WorkloadIdentity

        func run(_ holder: IdentityHolder) async throws { holder.replace(next) }
    }

    private let domain: TrustDomain
    private let issuer: IssuingAuthority
    private let own: WorkloadIdentity

    init() throws {
        domain = try TrustDomain(parsing: "test.local")
        issuer = try .ephemeral(trustDomain: domain, now: try Minted.identity().notBefore + 1)
        own = try Minted.identity("own", from: issuer, of: domain)
    }

    private func verifier(_ source: IdentitySource) -> PeerVerifier {
        PeerVerifier(source, purpose: .client, requirement: .anyone, maximumPaths: 2)
    }

    @Test func aVerdictIsKeptHoweverManyOthersThereAre() throws {
        let verifier = verifier(.fixed(own))
        let peer = try verifier.verify(try Minted.identity("orders", from: issuer, of: domain).certificateChain).get()
        let standing = StandingPeer(peer, verifier)
        let known = try standing.judge().get()
        for number in 0..<8 {
            _ = try verifier.verify(try Minted.identity("s\(number)", from: issuer, of: domain).certificateChain).get()
        }
        // The verifier itself has forgotten, and judges anew.
        #expect(try verifier.verify(again: peer).get() !== known)
        #expect(try standing.judge().get() === known)
    }

    @Test func aVerdictCountsUntilItsTimeIsOver() throws {
        let verifier = verifier(.fixed(own))
        let peer = try verifier.verify(try Minted.identity("orders", from: issuer, of: domain).certificateChain).get()
        let standing = StandingPeer(peer, verifier)
        #expect((try? standing.judge(atUnixSeconds: peer.notAfter).get()) != nil)
        #expect((try? standing.judge(atUnixSeconds: peer.notAfter + 1).get()) == nil)
        #expect((try? standing.judge(atUnixSeconds: peer.notBefore - 1).get()) == nil)
    }

    @Test func aVerdictCountsUntilAListComes() async throws {
        let bad = try Minted.identity("bad", from: issuer, of: domain)
        let list = try Minted.list(revoking: bad, by: issuer)
        let next = try Minted.identity("own", from: issuer, of: domain, revocation: .lists([list]))
        let source = IdentitySource(own, Exchange(next: next))
        let verifier = verifier(source)
        let (refused, accepted) = (
            StandingPeer(try verifier.verify(bad.certificateChain).get(), verifier),
            StandingPeer(try verifier.verify(own.certificateChain).get(), verifier)
        )
        #expect((try? refused.judge().get()) != nil && (try? accepted.judge().get()) != nil)
        try? await source.run()
        #expect((try? refused.judge().get()) == nil && (try? accepted.judge().get()) != nil)
    }
}
