import Testing

@testable import CountersignPKI

@Suite struct VerifiedChainCacheTests {
    private func chain(_ der: [[UInt8]]) -> UnverifiedPeerChain { UnverifiedPeerChain(derCertificates: der) }

    @Test func `a chain that comes again is answered from memory`() throws {
        let root = try TestAuthority()
        let cache = VerifiedChainCache(capacity: 8)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let chain = self.chain([try root.mint()])
        let first = try cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).get()
        let second = try cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now + 1).get()
        #expect(first === second)
        #expect(cache.count == 1)
    }

    @Test func `memory does not outlive the certificates`() throws {
        let root = try TestAuthority()
        let cache = VerifiedChainCache(capacity: 8)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let chain = self.chain([try root.mint()])
        _ = try cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).get()
        #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now + 3_601).code == .expired)
        #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now - 3_601).code == .notYetValid)
    }

    @Test func `memory does not outlive a revocation list`() throws {
        let root = try TestAuthority()
        let cache = VerifiedChainCache(capacity: 8)
        let list = try RevocationList(der: TestRevocationList().encoded(by: root))
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client, revocation: .lists([list]))
        var draft = CertificateDraft()
        draft.notAfter = TestClock.now + 80_000
        let chain = self.chain([try root.mint(draft)])
        #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).code == nil)
        #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now + 3_601).code == .revocationUnknown)
    }

    @Test func `another verifier judges anew`() throws {
        let root = try TestAuthority()
        let cache = VerifiedChainCache(capacity: 8)
        let chain = self.chain([try root.mint()])
        let good = ChainVerifier(trust: try root.trust, purpose: .client)
        #expect(cache.verify(chain, with: good, atUnixSeconds: TestClock.now).code == nil)
        let stranger = try TestAuthority(root: .authority("stranger"))
        let other = ChainVerifier(trust: try stranger.trust, purpose: .client)
        #expect(cache.verify(chain, with: other, atUnixSeconds: TestClock.now).code == .unknownIssuer)
        let strict = ChainVerifier(trust: good.trust, purpose: .client, revocation: .lists([]))
        #expect(cache.verify(chain, with: strict, atUnixSeconds: TestClock.now).code == .revocationUnknown)
    }

    @Test func `a path is remembered once, however it is sent and whatever is sent beside it`() throws {
        let root = try TestAuthority()
        let upper = try root.intermediate(.authority("upper"))
        let lower = try upper.intermediate(.authority("lower"))
        let stranger = try TestAuthority(root: .authority("stranger"))
        let leaf = try lower.mint()
        let cache = VerifiedChainCache(capacity: 100)
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let path = [leaf, lower.der, upper.der]
        let first = try cache.verify(self.chain(path), with: verifier, atUnixSeconds: TestClock.now).get()
        for same in [[leaf, upper.der, lower.der], path + [root.der]] {
            let again = try cache.verify(self.chain(same), with: verifier, atUnixSeconds: TestClock.now).get()
            #expect(again === first)
        }
        for other in [path + [stranger.der], path + [root.der, stranger.der]] {
            let anew = try cache.verify(self.chain(other), with: verifier, atUnixSeconds: TestClock.now).get()
            #expect(anew !== first)
            #expect(anew.issuersDER == [lower.der, upper.der])
        }
        for less in [[leaf], [leaf, lower.der], [leaf, lower.der, stranger.der]] {
            #expect(cache.verify(self.chain(less), with: verifier, atUnixSeconds: TestClock.now).code == .unknownIssuer)
        }
        #expect(
            cache.verify(self.chain(path + [[1, 2, 3]]), with: verifier, atUnixSeconds: TestClock.now).code
                == .malformed
        )
        #expect(cache.count == 1)
    }

    @Test func `memory is bounded in bytes as well`() throws {
        let root = try TestAuthority()
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        let cache = VerifiedChainCache(capacity: 1_000, maximumBytes: 16 * 1_024)
        for _ in 0..<30 {
            let chain = self.chain([try root.mint()])
            #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).code == nil)
            #expect(cache.count <= 10)
        }
        #expect(cache.count > 0)
    }

    @Test func `rejections are not remembered, and memory is bounded`() throws {
        let root = try TestAuthority()
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        for capacity in [0, 1, 2, 5] {
            let cache = VerifiedChainCache(capacity: capacity)
            let stranger = try TestAuthority(root: .authority("stranger"))
            #expect(
                cache.verify(self.chain([try stranger.mint()]), with: verifier, atUnixSeconds: TestClock.now).code
                    != nil
            )
            #expect(cache.count == 0)
            for _ in 0..<12 {
                let chain = self.chain([try root.mint()])
                #expect(cache.verify(chain, with: verifier, atUnixSeconds: TestClock.now).code == nil)
                #expect(cache.count <= capacity)
            }
        }
    }
}
