import Testing
import X509

@testable import CountersignPKI

@Suite struct KnownIssuersTests {
    private func chain(_ der: [[UInt8]]) -> UnverifiedPeerChain { UnverifiedPeerChain(derCertificates: der) }

    /// How many signatures are checked for a peer whose authorities may be known; its chain is good.
    private func signatures(_ trust: TrustStore, _ chain: [[UInt8]], _ memory: KnownIssuers) throws -> Int {
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        let judged = verifier.judge(self.chain(chain), atUnixSeconds: TestClock.now, remembering: memory)
        _ = try judged.verdict.get()
        return judged.checkedSignatures
    }

    @Test func `the second peer of an authority costs the check of its own signature alone`() throws {
        let root = try TestAuthority()
        let trust = try root.trust
        let upper = try root.intermediate(.authority("upper"))
        let lower = try upper.intermediate(.authority("lower"))
        let memory = KnownIssuers()
        #expect(try self.signatures(trust, [try lower.mint(), lower.der, upper.der], memory) == 3)
        #expect(try self.signatures(trust, [try lower.mint(), upper.der, lower.der], memory) == 1)
        #expect(try self.signatures(trust, [try upper.mint(), upper.der], memory) == 1)
        #expect(memory.count == 2)
    }

    @Test func `the memory of verified chains knows their authorities`() throws {
        let root = try TestAuthority()
        let trust = try root.trust
        let intermediate = try root.intermediate()
        let cache = VerifiedChainCache(capacity: 8)
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        for _ in 0..<2 {
            let chain = self.chain([try intermediate.mint(), intermediate.der])
            #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).code == nil)
        }
        #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], cache.issuers) == 1)
    }

    @Test func `a store that is read again vouches anew, and nothing piles up`() throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let memory = KnownIssuers()
        for _ in 0..<(2 * KnownIssuers.maximumSigners) {
            let trust = try root.trust
            #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], memory) == 2)
            #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], memory) == 1)
            #expect(memory[intermediate.der]?.signers.count ?? 0 <= KnownIssuers.maximumSigners)
        }
        #expect(memory.count == 1)
    }

    @Test func `a cross-signed authority is known under each of its certificates`() throws {
        let (one, other) = (try TestAuthority(root: .authority("one")), try TestAuthority(root: .authority("other")))
        let key = try PrivateKey.generate(.p256)
        let byOne = try one.intermediate(key: key)
        let byOther = try other.intermediate(key: key)
        let memory = KnownIssuers()
        let leaf = try byOne.mint()
        #expect(try self.signatures(try one.trust, [leaf, byOther.der, byOne.der], memory) == 2)
        // What one root vouched for is nothing to those who trust the other.
        #expect(try self.signatures(try other.trust, [leaf, byOne.der, byOther.der], memory) == 2)
        #expect(memory.count == 2)
        let stranger = ChainVerifier(trust: try TestAuthority(root: .authority("third")).trust, purpose: .client)
        let judged = stranger.judge(
            self.chain([leaf, byOne.der, byOther.der]),
            atUnixSeconds: TestClock.now,
            remembering: memory
        )
        #expect(judged.verdict.code == .unknownIssuer)
    }

    @Test func `authorities are remembered up to a bound, and all are served`() throws {
        let root = try TestAuthority()
        let trust = try root.trust
        let memory = KnownIssuers(capacity: 4)
        for number in 0..<10 {
            let intermediate = try root.intermediate(.authority("number \(number)"))
            #expect(try self.signatures(trust, [try intermediate.mint(), intermediate.der], memory) == 2)
            #expect(memory.count <= 4)
        }
    }

    @Test func `a certificate of unusual size is judged each time`() throws {
        let root = try TestAuthority()
        var draft = CertificateDraft.authority("wordy")
        draft.excluded = (0..<300).map { .dnsName("host\($0).excluded.example") }
        let intermediate = try root.intermediate(draft)
        let memory = KnownIssuers()
        for _ in 0..<2 {
            #expect(try self.signatures(try root.trust, [try intermediate.mint(), intermediate.der], memory) == 2)
        }
        #expect(memory.count == 0)
    }

    @Test func `a known authority keeps to its constraints`() throws {
        let root = try TestAuthority()
        var draft = CertificateDraft.authority("constrained")
        draft.permitted = [.dnsName("inside.example")]
        draft.basicConstraints = (true, 0)
        let intermediate = try root.intermediate(draft)
        let cache = VerifiedChainCache(capacity: 8)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        func code(_ chain: [[UInt8]]) -> ChainRejection.Code? {
            cache.verify(self.chain(chain), with: verifier, atUnixSeconds: TestClock.now).code
        }
        var leaf = CertificateDraft()
        leaf.alternativeNames = [.dnsName("host.inside.example")]
        #expect(code([try intermediate.mint(leaf), intermediate.der]) == nil)
        leaf.alternativeNames = [.dnsName("host.outside.example")]
        #expect(code([try intermediate.mint(leaf), intermediate.der]) == .nameConstraint)
        leaf.alternativeNames = [.dnsName("host.inside.example")]
        let below = try intermediate.intermediate(.authority("below"))
        #expect(code([try below.mint(leaf), below.der, intermediate.der]) == .pathLengthExceeded)
    }

    @Test func `peers that come at once are all judged well`() async throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let stranger = try TestAuthority(root: .authority("stranger")).intermediate()
        let cache = VerifiedChainCache(capacity: 100)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let good = try (0..<20).map { _ in self.chain([try intermediate.mint(), intermediate.der]) }
        let bad = try (0..<20).map { _ in self.chain([try stranger.mint(), intermediate.der]) }
        await withTaskGroup(of: Bool.self) { group in
            for (one, other) in zip(good, bad) {
                group.addTask { cache.verify(one, with: verifier, atUnixSeconds: TestClock.now).code == nil }
                group.addTask { cache.verify(other, with: verifier, atUnixSeconds: TestClock.now).code != nil }
            }
            for await holds in group { #expect(holds) }
        }
        #expect(cache.issuers.count == 1)
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
        let cache = VerifiedChainCache(capacity: 8)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let chain = self.chain([try intermediate.mint(), intermediate.der, stranger.der])
        #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).code == .unknownIssuer)
        #expect(cache.issuers.count == 0)
    }
}
