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
        let now = source.current.notBefore + 1
        let issuer = try IssuingAuthority.ephemeral(trustDomain: authority.trustDomain, now: now)
        func issue(_ service: String) throws -> IssuedIdentity {
            try issuer.issue(
                try .workload(trustDomain: authority.trustDomain, namespace: "default", service: service),
                key: .p256,
                now: now
            )
        }
        let (good, bad) = (try issue("good"), try issue("bad"))
        let entry = RevocationListContent.Entry(
            serialNumber: bad.certificate.serialNumber,
            date: now - 1,
            reason: .keyCompromise
        )
        let content = RevocationListContent(number: 1, thisUpdate: now - 1, nextUpdate: now + 3_600, entries: [entry])
        let list = try RevocationList(der: try issuer.revocationList(content))
        let own = try WorkloadIdentity(
            certificateChain: good.certificate.chainDER,
            privateKey: good.key,
            trust: try TrustStore(pem: issuer.trustBundlePEM, trustDomains: .only([authority.trustDomain])),
            revocation: .lists([list]),
            atUnixSeconds: now
        )
        let verifier = PeerVerifier(.fixed(own), purpose: .client)
        #expect(code(verifier.verify(good.certificate.chainDER)) == nil)
        #expect(code(verifier.verify(bad.certificate.chainDER)) == .revoked)
        #expect(code(verifier.verifyResumed(leaf: bad.certificate.der)) == .revoked)
    }

    @Test func aResumedSessionIsJudgedByWhatCountsNow() throws {
        let verifier = PeerVerifier(source, purpose: .client)
        let peer = try authority.issue(service: "orders")
        #expect(code(verifier.verifyResumed(leaf: peer.certificateChain[0])) == nil)
        #expect(code(verifier.verifyResumed(leaf: try Minted.identity().certificateChain[0])) != nil)
    }
}
