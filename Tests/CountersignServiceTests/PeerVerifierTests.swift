import CountersignPKI
import CountersignService
import Testing

@Suite struct PeerVerifierTests {
    private let authority: CertificateAuthority
    private let source: IdentitySource

    init() throws {
        authority = try Minted.authority()
        source = .fixed(try authority.issue(service: "own"))
    }

    private func verdict(
        _ peer: WorkloadIdentity,
        _ requirement: PeerRequirement = .anyone
    ) -> Result<VerifiedPeer, ChainRejection> {
        PeerVerifier(source, purpose: .client, requirement: requirement).verify(peer.certificateChain)
    }

    private func code(_ verdict: Result<VerifiedPeer, ChainRejection>) -> ChainRejection.Code? {
        if case .failure(let rejection) = verdict { rejection.code } else { nil }
    }

    @Test func aPeerOfTheOwnTrustDomainIsAccepted() throws {
        let peer = try authority.issue(service: "orders")
        #expect(code(verdict(peer)) == nil)
        #expect(code(verdict(peer, try .spiffeIDs(parsing: "spiffe://test.local/ns/default/sa/orders"))) == nil)
        #expect(code(verdict(peer, try .spiffeIDs(parsing: "spiffe://test.local/ns/*"))) == nil)
        #expect(code(verdict(peer, try .host("orders"))) == nil)
    }

    @Test func whoIsNotExpectedIsRefused() throws {
        let peer = try authority.issue(service: "orders", addresses: [try IPAddress(parsing: "127.0.0.1")])
        #expect(
            code(verdict(peer, try .spiffeIDs(parsing: "spiffe://test.local/ns/default/sa/billing"))) == .nameMismatch
        )
        #expect(code(verdict(peer, .spiffeIDs([]))) == .nameMismatch)
        #expect(code(verdict(peer, try .host("billing"))) == .nameMismatch)
        #expect(code(verdict(peer, try .host("127.0.0.2"))) == .nameMismatch)
        #expect(code(verdict(peer, try .host("127.0.0.1"))) == nil)
    }

    @Test func nobodyElsesAuthorityCounts() throws {
        // The same name of another authority, and another trust domain.
        #expect(code(verdict(try Minted.identity())) != nil)
        #expect(code(verdict(try Minted.identity(of: "other.local"))) != nil)
        #expect(code(PeerVerifier(source, purpose: .client).verify([])) == .noCertificate)
    }

    @Test func anAuthorityVouchesForItsOwnTrustDomainAlone() throws {
        let domain = try TrustDomain(parsing: "other.local")
        let now = try authority.issue(service: "any").notBefore + 1
        let foreign = try IssuingAuthority.ephemeral(trustDomain: domain, now: now)
        let identity = try foreign.issue(
            try .workload(trustDomain: domain, namespace: "default", service: "orders"),
            key: .p256,
            now: now
        )
        // Its root is in the bundle of another domain, by mistake or by malice.
        let own = source.current
        let pooled = try WorkloadIdentity(
            certificateChain: own.certificateChain,
            privateKey: own.privateKey,
            trust: try TrustStore(
                pem: authority.trustBundlePEM + foreign.trustBundlePEM,
                trustDomains: .only([authority.trustDomain])
            ),
            atUnixSeconds: now
        )
        let verifier = PeerVerifier(.fixed(pooled), purpose: .client)
        #expect(code(verifier.verify(identity.certificate.chainDER)) == .foreignTrustDomain)
        #expect(code(verifier.verify(try authority.issue(service: "orders").certificateChain)) == nil)
    }

    @Test func whoIsRevokedIsRefused() throws {
        let domain = authority.trustDomain
        let issuer = try IssuingAuthority.ephemeral(trustDomain: domain, now: source.current.notBefore + 1)
        let bad = try Minted.identity("bad", from: issuer, of: domain)
        let list = try Minted.list(revoking: bad, by: issuer)
        let own = try Minted.identity("good", from: issuer, of: domain, revocation: .lists([list]))
        let verifier = PeerVerifier(.fixed(own), purpose: .client)
        #expect(code(verifier.verify(own.certificateChain)) == nil)
        #expect(code(verifier.verify(bad.certificateChain)) == .revoked)
        #expect(code(verifier.verifyResumed(leaf: bad.certificateChain[0])) == .revoked)
    }

    @Test func whoIsBelowAnIntermediateIsJudgedAgainHoweverManyCameSince() throws {
        let domain = authority.trustDomain
        let issuer = try Minted.intermediate(of: domain)
        let own = IdentitySource.fixed(try Minted.identity("own", from: issuer, of: domain))
        let verifier = PeerVerifier(own, purpose: .client, requirement: .anyone, maximumPaths: 2)
        let chains = try (0..<6).map { try Minted.identity("s\($0)", from: issuer, of: domain).certificateChain }
        let peers = try chains.map { try verifier.verify($0).get() }
        for peer in peers { #expect(code(verifier.verify(again: peer)) == nil) }
        // A resumed session tells the leaf alone, whose path is remembered for a time.
        for chain in chains.suffix(2) { #expect(code(verifier.verifyResumed(leaf: chain[0])) == nil) }
        #expect(code(verifier.verifyResumed(leaf: chains[0][0])) != nil)
    }

    @Test func whoIsAskedForOftenIsRememberedAmongMany() throws {
        let domain = authority.trustDomain
        let issuer = try Minted.intermediate(of: domain)
        let own = IdentitySource.fixed(try Minted.identity("own", from: issuer, of: domain))
        let verifier = PeerVerifier(own, purpose: .client, requirement: .anyone, maximumPaths: 2)
        let often = try Minted.identity("often", from: issuer, of: domain).certificateChain
        _ = try verifier.verify(often).get()
        for number in 0..<8 {
            _ = try verifier.verify(try Minted.identity("s\(number)", from: issuer, of: domain).certificateChain).get()
            #expect(code(verifier.verifyResumed(leaf: often[0])) == nil)
        }
    }

    @Test func aResumedSessionIsJudgedByWhatCountsNow() throws {
        let verifier = PeerVerifier(source, purpose: .client)
        let peer = try authority.issue(service: "orders")
        #expect(code(verifier.verifyResumed(leaf: peer.certificateChain[0])) == nil)
        #expect(code(verifier.verifyResumed(leaf: try Minted.identity().certificateChain[0])) != nil)
    }
}
