import Testing
import X509

@testable import CountersignPKI

/// Damage to bytes never crashes and never verifies.
@Suite struct DamagedCertificateTests {
    /// A small deterministic generator, so that a failure can be repeated.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state ^= self.state << 13
            self.state ^= self.state >> 7
            self.state ^= self.state << 17
            return self.state
        }
    }

    @Test func `no change of a byte of the leaf verifies`() throws {
        let root = try TestAuthority()
        let leaf = try root.mint(.workload("spiffe://example.org/a"))
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        var random = Generator(state: 42)
        for position in leaf.indices {
            var damaged = leaf
            damaged[position] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            let chain = UnverifiedPeerChain(derCertificates: [damaged])
            // The unused bits of the signature's encoding are not there to be changed: every change counts.
            #expect(verifier.verify(chain, atUnixSeconds: TestClock.now).code != nil, "byte \(position)")
        }
    }

    @Test func `cut, doubled and random bytes are refused`() throws {
        let root = try TestAuthority()
        let leaf = try root.mint()
        let verifier = ChainVerifier(trust: try root.trust, purpose: .client)
        var random = Generator(state: 7)
        for length in stride(from: 0, to: leaf.count, by: 3) {
            let chain = UnverifiedPeerChain(derCertificates: [Array(leaf.prefix(length))])
            #expect(verifier.verify(chain, atUnixSeconds: TestClock.now).code == .malformed)
        }
        for _ in 0..<300 {
            let count = Int.random(in: 0..<200, using: &random)
            let bytes = [0x30, 0x82] + (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let chain = UnverifiedPeerChain(derCertificates: [bytes])
            #expect(verifier.verify(chain, atUnixSeconds: TestClock.now).code == .malformed)
        }
    }

    @Test func `a damaged intermediate never helps`() throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let leaf = try intermediate.mint()
        var random = Generator(state: 99)
        for position in intermediate.der.indices {
            var damaged = intermediate.der
            damaged[position] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            #expect(try root.verify([leaf, damaged]).code != nil, "byte \(position)")
        }
    }

    @Test func `damaged requests, lists and keys never crash`() throws {
        let root = try TestAuthority()
        var list = TestRevocationList()
        list.serials = [([1], .superseded), ([2], nil)]
        let inputs = [try list.encoded(by: root), root.key.derPKCS8, try PrivateKey.generate(.rsa2048).derPKCS8]
        var random = Generator(state: 3)
        for input in inputs {
            for _ in 0..<400 {
                var damaged = input
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(
                        in: .min ... .max,
                        using: &random
                    )
                }
                _ = try? RevocationList(der: damaged)
                _ = try? PrivateKey(derPKCS8: damaged)
                _ = try? SigningRequest(der: damaged)
                _ = try? PEMDocuments(parsing: damaged)
            }
        }
        #expect(throws: Never.self) { try RevocationList(der: inputs[0]) }
    }
}
