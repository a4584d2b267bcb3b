import FoundationEssentials
import SwiftASN1
import Testing
@_spi(FixedExpiryValidationTime) import X509

@testable import CountersignPKI

/// The judge beside another implementation of RFC 5280: what that one refuses is never accepted here.
///
/// The other way round holds for faults that both know; algorithms, key strength, purposes, version 1 and identities are
/// judged here alone. That one knows no constraints on email addresses.
@Suite struct DifferentialTests {
    private func otherAccepts(_ chain: [[UInt8]], root: [UInt8]) async throws -> Bool {
        do {
            let certificates = try chain.map { try Certificate(derEncoded: $0) }
            let now = Date(timeIntervalSince1970: Double(TestClock.now))
            var verifier = Verifier(rootCertificates: CertificateStore([try Certificate(derEncoded: root)])) {
                RFC5280Policy(fixedExpiryValidationTime: now)
            }
            let result = await verifier.validate(
                leaf: certificates[0],
                intermediates: CertificateStore(certificates.dropFirst())
            )
            guard case .validCertificate = result else { return false }
            return true
        } catch {
            return false
        }
    }

    @Test func `names under constraints`() async throws {
        var accepted = 0
        for test in NameConstraintTests.dns + NameConstraintTests.addresses + NameConstraintTests.others {
            let root = try TestAuthority()
            var draft = CertificateDraft.authority("constrained")
            draft.permitted = test.permitted
            draft.excluded = test.excluded
            let authority = try root.intermediate(draft)
            var leaf = CertificateDraft()
            leaf.alternativeNames = [test.name]
            let chain = [try authority.mint(leaf), authority.der]
            let isAccepted = try root.verify(chain).code == nil
            if case .rfc822Name = test.name { continue }
            if isAccepted {
                accepted += 1
                let other = try await self.otherAccepts(chain, root: root.der)
                #expect(other, "\(test.testDescription)")
            }
        }
        #expect(accepted > 10)
    }

    @Test func `chains with random faults`() async throws {
        var random = DamagedCertificateTests.Generator(state: 2_026)
        var verdicts: [Bool] = []
        for _ in 0..<120 {
            var rootDraft = CertificateDraft.authority(
                "root",
                pathLength: [nil, 0, 1].randomElement(using: &random) ?? nil
            )
            if Int.random(in: 0..<12, using: &random) == 0 { rootDraft.notAfter = TestClock.now - 1 }
            let root = try TestAuthority(root: rootDraft)
            var issuer = root
            var intermediates: [[UInt8]] = []
            for depth in 0..<Int.random(in: 0..<3, using: &random) {
                var draft = CertificateDraft.authority("level \(depth)")
                switch Int.random(in: 0..<16, using: &random) {
                case 0: draft.notAfter = TestClock.now - 1
                case 1: draft.basicConstraints = (false, nil)
                case 2: draft.basicConstraints = (true, 0)
                case 3: draft.permitted = [.dnsName("other.example")]
                case 4: draft.notBefore = TestClock.now + 1
                case 5: draft.extra = [.init(oid: [1, 2, 3], critical: true, value: [5, 0])]
                default: break
                }
                issuer = try issuer.intermediate(draft)
                intermediates.append(issuer.der)
            }
            var leaf = CertificateDraft()
            if Int.random(in: 0..<10, using: &random) == 0 { leaf.notBefore = TestClock.now + 60 }
            if Int.random(in: 0..<10, using: &random) == 0 { intermediates = Array(intermediates.dropFirst()) }
            let chain = [try issuer.mint(leaf)] + intermediates.shuffled(using: &random)
            let isAccepted = try root.verify(chain).code == nil
            let other = try await self.otherAccepts(chain, root: root.der)
            #expect(isAccepted == other)
            verdicts.append(isAccepted)
        }
        #expect(verdicts.contains(true) && verdicts.contains(false))
    }
}
