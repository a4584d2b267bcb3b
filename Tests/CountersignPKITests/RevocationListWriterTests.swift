import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

@Suite struct RevocationListWriterTests {
    private func authority() throws -> IssuingAuthority {
        try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: "a"), now: TestClock.now)
    }

    private func content(
        _ entries: [RevocationListContent.Entry],
        number: Int64 = 7
    ) -> RevocationListContent {
        RevocationListContent(
            number: number,
            thisUpdate: TestClock.now,
            nextUpdate: TestClock.now + 3_600,
            entries: entries
        )
    }

    private func entry(_ serial: [UInt8], _ reason: RevocationReason = .superseded) -> RevocationListContent.Entry {
        .init(serialNumber: serial, date: TestClock.now - 60, reason: reason)
    }

    @Test func `a base list is read with everything that was written`() throws {
        let authority = try self.authority()
        let reasons = RevocationReason.allCases.filter { $0 != .removeFromCRL }
        let entries = reasons.enumerated().map { self.entry([0x10, UInt8($0.offset)], $0.element) }
        let list = try RevocationList(der: authority.revocationList(self.content(entries)))
        #expect(list.isSigned(by: authority.certificate))
        #expect(list.number == [7])
        #expect(list.thisUpdate == TestClock.now && list.nextUpdate == TestClock.now + 3_600)
        #expect(list.issuerDER == authority.certificate.subjectDER)
        #expect(list.unhandledCritical == nil)
        #expect(list.entries.count == reasons.count)
        for entry in entries {
            #expect(list.entries[entry.serialNumber] == RevocationEntry(date: entry.date, reason: entry.reason))
        }
    }

    @Test func `what is issued and revoked is refused, and its neighbour is not`() throws {
        let authority = try self.authority()
        let domain = try TrustDomain(parsing: "a")
        let leaves = try ["b", "c"].map {
            try authority.issue(.service(trustDomain: domain, name: $0), key: .p256, now: TestClock.now).certificate
        }
        let entry = RevocationListContent.Entry(
            serialHex: leaves[0].serialHex,
            date: TestClock.now,
            reason: .keyCompromise
        )
        let list = try RevocationList(der: authority.revocationList(self.content([#require(entry)])))
        let trust = try TrustStore(pem: authority.trustBundlePEM)
        let verifier = ChainVerifier(trust: trust, purpose: .client, revocation: .lists([list]), profile: .strict)
        let verdicts = leaves.map { leaf in
            switch verifier.verify(
                UnverifiedPeerChain(derCertificates: leaf.chainDER),
                atUnixSeconds: TestClock.now
            ) {
            case .success: ChainRejection.Code?.none
            case .failure(let rejection): rejection.code
            }
        }
        #expect(verdicts == [.revoked, nil])
    }

    @Test func `an empty list is a list`() throws {
        let authority = try self.authority()
        let list = try RevocationList(der: authority.revocationList(self.content([])))
        #expect(list.entries.isEmpty)
        #expect(list.isSigned(by: authority.certificate))
    }

    @Test func `serial numbers are positive and minimal however they come`() throws {
        let authority = try self.authority()
        let spellings: [[UInt8]] = [[0, 0, 1], [0x80], [0], [], [0x7F, 0xFF]]
        let der = try authority.revocationList(self.content(spellings.map { self.entry($0) }))
        let list = try RevocationList(der: der)
        #expect(Set(list.entries.keys) == [[1], [0, 0x80], [0], [0x7F, 0xFF]])
        #expect(
            RevocationListContent.Entry(serialHex: "0aFF", date: 0, reason: .superseded)?.serialNumber == [0x0A, 0xFF]
        )
        for bad in ["", "abc", "zz", "0x10"] {
            #expect(RevocationListContent.Entry(serialHex: bad, date: 0, reason: .superseded) == nil)
        }
    }

    @Test func `a delta list says so critically and may take back`() throws {
        let authority = try self.authority()
        var content = self.content([self.entry([1], .removeFromCRL), self.entry([2], .certificateHold)], number: 9)
        content.baseNumber = 7
        let list = try RevocationList(der: authority.revocationList(content))
        #expect(list.unhandledCritical == "2.5.29.27")
        #expect(list.entries[[1]]?.reason == .removeFromCRL)
        #expect(list.entries[[2]]?.reason == .certificateHold)
    }

    @Test func `a list can say which certificates it covers and where changes are`() throws {
        let authority = try self.authority()
        var content = self.content([])
        content.distributionPoints = ["http://ca.example/ca.crl"]
        content.freshestURIs = ["http://ca.example/delta.crl"]
        let der = try authority.revocationList(content)
        let list = try RevocationList(der: der)
        #expect(list.scope.distributionPoints == ["http://ca.example/ca.crl"])
        #expect(list.unhandledCritical == nil)
        #expect(String(decoding: der, as: UTF8.self).contains("http://ca.example/delta.crl"))
    }

    @Test func `content that contradicts itself is refused`() throws {
        let authority = try self.authority()
        let changes: [(inout RevocationListContent) -> Void] = [
            { $0.number = 0 }, { $0.nextUpdate = $0.thisUpdate }, { $0.baseNumber = 7 }, { $0.baseNumber = 0 },
            { $0.entries = [.init(serialNumber: [1], date: 0, reason: .removeFromCRL)] },
            { $0.distributionPoints = ["ca.example"] },
            {
                $0.baseNumber = 3
                $0.freshestURIs = ["http://ca.example/delta.crl"]
            },
        ]
        #expect(throws: Never.self) { try authority.revocationList(self.content([])) }
        for change in changes {
            var content = self.content([])
            change(&content)
            #expect(throws: PKIError(.invalidProfile, "")) { try authority.revocationList(content) }
        }
    }

    @Test func `an authority that may not sign lists signs none`() throws {
        var draft = CertificateDraft.authority("No lists")
        draft.keyUsage = KeyUsage(keyCertSign: true)
        let root = try TestAuthority(root: draft)
        let authority = try IssuingAuthority(
            certificatePEM: Array(PEMBlock.text(label: "CERTIFICATE", der: root.der).utf8),
            keyPEM: Array(root.key.pemPKCS8.utf8),
            now: TestClock.now
        )
        #expect(throws: PKIError(.mayNotSignRevocationLists, "")) { try authority.revocationList(self.content([])) }
    }

    @Test func `dates before and after 2050 have their forms`() throws {
        let authority = try self.authority()
        let entries = [Int64(2_524_607_999), 2_524_608_000].enumerated().map {
            RevocationListContent.Entry(serialNumber: [UInt8($0.offset + 1)], date: $0.element, reason: .unspecified)
        }
        let list = try RevocationList(der: authority.revocationList(self.content(entries)))
        #expect(list.entries[[1]]?.date == 2_524_607_999)
        #expect(list.entries[[2]]?.date == 2_524_608_000)
    }
}
