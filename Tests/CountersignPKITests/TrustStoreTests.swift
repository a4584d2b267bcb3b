import Testing
import X509

@testable import CountersignPKI

@Suite struct TrustStoreTests {
    private func pem(_ der: [UInt8]...) -> String {
        der.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }

    @Test func `a bundle is read, without repeats`() throws {
        let one = try TestAuthority(root: .authority("one"))
        let two = try TestAuthority(root: .authority("two"))
        let store = try TrustStore(pem: self.pem(one.der, two.der, one.der), atUnixSeconds: TestClock.now)
        #expect(store.authoritiesDER == [one.der, two.der])
        #expect(store.subjectsDER == [one.name, two.name])
    }

    @Test func `every store has its own epoch`() throws {
        let root = try TestAuthority()
        let first = try TrustStore(pem: self.pem(root.der))
        let second = try TrustStore(pem: self.pem(root.der))
        #expect(first.epoch != second.epoch)
    }

    @Test func `what cannot vouch for anybody is refused, each with its own error and line`() throws {
        let root = try TestAuthority()
        var expired = CertificateDraft.authority("expired")
        expired.notAfter = TestClock.now - 1
        var early = CertificateDraft.authority("early")
        early.notBefore = TestClock.now + 1
        var unsigning = CertificateDraft.authority("unsigning")
        unsigning.keyUsage = KeyUsage(digitalSignature: true)
        var weak = CertificateDraft.authority("weak")
        weak.publicKeyDER = try TestKeys.rsaPublicKey(bits: 1_024)
        let cases: [([UInt8], PKIError.Code)] = try [
            (TestAuthority(root: expired).der, .expired), (TestAuthority(root: early).der, .notYetValid),
            (root.mint(), .notAuthority), (TestAuthority(root: unsigning).der, .notAuthority),
            (TestAuthority(root: weak).der, .weakKey), ([0x30, 0x00], .malformedCertificate),
        ]
        for (der, code) in cases {
            do {
                _ = try TrustStore(pem: self.pem(root.der, der), atUnixSeconds: TestClock.now)
                Issue.record("\(code.metricLabel) was accepted")
            } catch {
                #expect(error.code == code)
                #expect(error.line == self.pem(root.der).split(separator: "\n").count + 1)
            }
        }
    }

    @Test func `an empty bundle is refused and never means trust in everybody`() {
        for text in ["", "\n", "# to do\n"] {
            #expect(throws: PKIError(.nothingFound, "")) { try TrustStore(pem: text) }
        }
        #expect(throws: PKIError(.nothingFound, "")) { try TrustStore(derCertificates: []) }
        let other = PEMBlock.text(label: "X509 CRL", der: [1])
        #expect(throws: PKIError(.unexpectedBlock, "")) { try TrustStore(pem: other) }
    }

    @Test func `a root with its intermediates is one authority, two roots are not`() throws {
        let root = try TestAuthority()
        let middle = try root.intermediate(.authority("middle"))
        let low = try middle.intermediate(.authority("low"))
        let other = try TestAuthority(root: .authority("other"))
        let namesake = try TestAuthority()
        #expect(try TrustStore(derCertificates: [root.der]).isOfOneAuthority)
        #expect(try TrustStore(derCertificates: [low.der, root.der, middle.der]).isOfOneAuthority)
        #expect(try !TrustStore(derCertificates: [low.der, root.der]).isOfOneAuthority)
        #expect(try !TrustStore(derCertificates: [root.der, other.der]).isOfOneAuthority)
        #expect(try !TrustStore(derCertificates: [root.der, namesake.der]).isOfOneAuthority)
    }
}
