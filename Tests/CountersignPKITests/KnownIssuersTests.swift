import Testing

@testable import CountersignPKI

@Suite struct KnownIssuersTests {
    private func chain(_ der: [[UInt8]]) -> UnverifiedPeerChain { UnverifiedPeerChain(derCertificates: der) }

    /// How many signatures are checked for a chain whose authorities may be known.
    private func signatures(_ trust: TrustStore, _ chain: [[UInt8]], _ known: KnownIssuers) throws -> Int {
        var search = PathSearch(
            trust: trust,
            intermediates: try chain.dropFirst().map { try known.certificate($0) ?? ParsedCertificate(der: $0) },
            rules: CertificateRules(purpose: .client, profile: .compatible, now: TestClock.now),
            maximumDepth: 8,
            revocation: .none,
            known: known
        )
        known.remember(path: try search.path(from: try ParsedCertificate(der: chain[0])).get())
        return search.checkedSignatures
    }

    @Test func `the second peer of an authority costs the check of its own signature alone`() throws {
        let root = try TestAuthority()
        let trust = try root.trust
        let upper = try root.intermediate(.authority("upper"))
        let lower = try upper.intermediate(.authority("lower"))
        let known = KnownIssuers()
        #expect(try self.signatures(trust, [try lower.mint(), lower.der, upper.der], known) == 3)
        #expect(try self.signatures(trust, [try lower.mint(), upper.der, lower.der], known) == 1)
        #expect(try self.signatures(trust, [try upper.mint(), upper.der], known) == 1)
        #expect(known.count == 2)
    }

    @Test func `a store that is read again vouches anew, and nothing piles up`() throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let known = KnownIssuers()
        for _ in 0..<(2 * KnownIssuers.maximumSigners) {
            let trust = try root.trust
            #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], known) == 2)
            #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], known) == 1)
        }
        #expect(known.count == 1)
    }

    @Test func `authorities are remembered up to a bound, and all are served`() throws {
        let root = try TestAuthority()
        let trust = try root.trust
        let known = KnownIssuers()
        for number in 0..<(KnownIssuers.capacity + 10) {
            let intermediate = try root.intermediate(.authority("number \(number)"))
            #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], known) == 2)
            #expect(known.count <= KnownIssuers.capacity)
        }
    }

    @Test func `a known authority vouches for nobody once it is expired, revoked or no longer trusted`() throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let cache = VerifiedChainCache(capacity: 8)
        let trust = try root.trust
        func code(_ verifier: ChainVerifier, at now: Int64 = TestClock.now) throws -> ChainRejection.Code? {
            var draft = CertificateDraft()
            draft.notAfter = TestClock.now + 10_000_000
            let chain = self.chain([try intermediate.mint(draft), intermediate.der])
            return cache.verify(chain, with: verifier, atUnixSeconds: now).code
        }
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        #expect(try code(verifier) == nil)
        let parsed = try ParsedCertificate(der: intermediate.der)
        #expect(try code(verifier, at: parsed.notAfter) == nil)
        #expect(try code(verifier, at: parsed.notAfter + 1) == .expired)

        var list = TestRevocationList()
        list.serials = [(parsed.serialNumber, nil)]
        let revoking = try RevocationList(der: list.encoded(by: root))
        let lists = [revoking, try RevocationList(der: TestRevocationList().encoded(by: intermediate))]
        #expect(try code(ChainVerifier(trust: trust, purpose: .client, revocation: .lists(lists))) == .revoked)

        let namesake = try TestAuthority()
        #expect(try code(ChainVerifier(trust: try namesake.trust, purpose: .client)) == .unknownIssuer)
        #expect(try code(ChainVerifier(trust: trust, purpose: .client, maxDepth: 0)) == .pathLengthExceeded)
        #expect(try code(verifier) == nil)
    }

    @Test func `an authority that differs from a known one in its signature is not known`() throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let cache = VerifiedChainCache(capacity: 8)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let good = self.chain([try intermediate.mint(), intermediate.der])
        #expect(cache.verify(good, with: verifier, atUnixSeconds: TestClock.now).code == nil)
        var forged = intermediate.der
        forged[forged.count - 1] ^= 1
        let bad = self.chain([try intermediate.mint(), forged])
        #expect(cache.verify(bad, with: verifier, atUnixSeconds: TestClock.now).code == .badSignature)
    }

    @Test func `what a stranger's authority vouches for is not remembered`() throws {
        let root = try TestAuthority()
        let stranger = try TestAuthority(root: .authority("stranger"))
        let intermediate = try stranger.intermediate()
        let known = KnownIssuers()
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let chain = self.chain([try intermediate.mint(), intermediate.der, stranger.der])
        #expect(verifier.verify(chain, atUnixSeconds: TestClock.now, known: known).code == .unknownIssuer)
        #expect(known.count == 0)
    }
}
