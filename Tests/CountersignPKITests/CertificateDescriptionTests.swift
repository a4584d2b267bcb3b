import CountersignIdentity
import CountersignJSON
import Testing
import X509

@testable import CountersignPKI

@Suite struct CertificateDescriptionTests {
    @Test func `text and JSON say what the certificate says`() throws {
        let root = try TestAuthority()
        var draft = CertificateDraft.workload("spiffe://example.org/a")
        draft.subject = [("2.5.4.11", "app:\(VerifiedPeerTests.app)"), ("2.5.4.3", "leaf")]
        let description = CertificateDescription(try ParsedCertificate(der: root.mint(draft)))
        let text = description.text(atUnixSeconds: TestClock.now)
        for line in [
            "  Subject          CN=leaf,OU=app:\(VerifiedPeerTests.app)", "  Issuer           CN=root",
            "  Serial number    4660 (0x1234)", "  SPIFFE ID        spiffe://example.org/a",
            "  App              \(VerifiedPeerTests.app)", "  Valid until      2026-01-31T13:00:00Z (60 minutes left)",
            "  Purposes         clientAuth, serverAuth",
        ] {
            #expect(text.contains(line + "\n"))
        }
        #expect(description.text(atUnixSeconds: TestClock.now + 10_800).contains("(expired 2 hours ago)"))
        let json = description.json.text
        #expect(json.contains("\"serial\": \"4660\""))
        #expect(json.contains("\"spiffe_id\": \"spiffe://example.org/a\""))
        #expect(json.contains("\"not_after\": \"2026-01-31T13:00:00Z\""))
    }

    @Test(arguments: ["a\nIssuer: forged", "a\u{2028}b", "\u{1B}[2Jx", "a\u{202E}b", "a\r\nb", "a\0b"])
    func `a hostile name can neither add a line nor hide one`(_ name: String) throws {
        let root = try TestAuthority()
        var draft = CertificateDraft()
        draft.subject = [("2.5.4.3", name)]
        let description = CertificateDescription(try ParsedCertificate(der: root.mint(draft)))
        draft.subject = [("2.5.4.3", "honest")]
        let honest = CertificateDescription(try ParsedCertificate(der: root.mint(draft)))
        for (shown, plain) in [
            (description.text(atUnixSeconds: TestClock.now), honest.text(atUnixSeconds: TestClock.now)),
            (description.json.text, honest.json.text),
        ] {
            let lines = shown.split(omittingEmptySubsequences: false) { $0.isNewline }
            let honestLines = plain.split(omittingEmptySubsequences: false) { $0.isNewline }
            #expect(lines.count == honestLines.count)
            let hidden = shown.unicodeScalars.contains { scalar in
                scalar != "\n" && [.control, .format, .lineSeparator].contains(scalar.properties.generalCategory)
            }
            #expect(!hidden)
        }
    }

    @Test func `an authority is described as one, with its constraints`() throws {
        var draft = CertificateDraft.authority("root", pathLength: 2)
        draft.permitted = [.dnsName("example.com")]
        draft.excluded = [NameConstraintTests.ip([10, 0, 0, 0, 255, 0, 0, 0])]
        draft.alternativeNames = [.uniformResourceIdentifier("spiffe://example.org")]
        let description = CertificateDescription(try ParsedCertificate(der: TestAuthority(root: draft).der))
        #expect(description.isAuthority)
        #expect(description.pathLength == 2)
        #expect(description.permitted == ["DNS:example.com"])
        #expect(description.excluded == ["IP:10.0.0.0/8"])
        #expect(description.spiffeID == nil)
        #expect(description.ambiguity == nil)
    }
}
