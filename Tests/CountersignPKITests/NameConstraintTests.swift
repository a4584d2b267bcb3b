import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

/// Names against the constraints of an authority above them, through whole verifications.
@Suite struct NameConstraintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: GeneralName
        let permitted: [GeneralName]
        let excluded: [GeneralName]
        let isAccepted: Bool

        init(_ name: GeneralName, permitted: [GeneralName] = [], excluded: [GeneralName] = [], _ isAccepted: Bool) {
            self.name = name
            self.permitted = permitted
            self.excluded = excluded
            self.isAccepted = isAccepted
        }

        var testDescription: String {
            "\(self.name) permitted \(self.permitted) excluded \(self.excluded)"
        }
    }

    static func ip(_ bytes: [UInt8]) -> GeneralName { .ipAddress(ASN1OctetString(contentBytes: bytes[...])) }
    static func uri(_ text: String) -> GeneralName { .uniformResourceIdentifier(text) }

    static let dns: [Case] = [
        Case(.dnsName("a.example.com"), permitted: [.dnsName("example.com")], true),
        Case(.dnsName("example.com"), permitted: [.dnsName("example.com")], true),
        Case(.dnsName("EXAMPLE.com"), permitted: [.dnsName("example.COM")], true),
        Case(.dnsName("badexample.com"), permitted: [.dnsName("example.com")], false),
        Case(.dnsName("example.com.evil"), permitted: [.dnsName("example.com")], false),
        Case(.dnsName("a.example.org"), permitted: [.dnsName("example.com"), .dnsName("example.org")], true),
        Case(.dnsName("a.example.com"), permitted: [.dnsName("")], true),
        Case(.dnsName("a.example.com"), permitted: [.dnsName(".example.com")], false),
        Case(.dnsName("*.example.com"), permitted: [.dnsName("example.com")], true),
        Case(.dnsName("*.example.com"), permitted: [.dnsName("a.example.com")], false),
        Case(.dnsName("a.example.com"), excluded: [.dnsName("example.com")], false),
        Case(.dnsName("b.example.com"), excluded: [.dnsName("a.example.com")], true),
        Case(.dnsName("*.example.com"), excluded: [.dnsName("a.example.com")], false),
        Case(.dnsName("*.example.com"), excluded: [.dnsName("b.a.example.com")], true),
        Case(.dnsName("a b.example.com"), excluded: [.dnsName("other.com")], false),
        Case(
            .dnsName("a.example.com"),
            permitted: [.dnsName("example.com")],
            excluded: [.dnsName("a.example.com")],
            false
        ),
        Case(.dnsName("a.example.com"), permitted: [ip([10, 0, 0, 0, 255, 0, 0, 0])], true),
    ]

    static let addresses: [Case] = [
        Case(ip([10, 1, 2, 3]), permitted: [ip([10, 0, 0, 0, 255, 0, 0, 0])], true),
        Case(ip([11, 1, 2, 3]), permitted: [ip([10, 0, 0, 0, 255, 0, 0, 0])], false),
        Case(ip([10, 1, 2, 3]), excluded: [ip([10, 1, 2, 0, 255, 255, 255, 0])], false),
        Case(ip([10, 1, 3, 3]), excluded: [ip([10, 1, 2, 0, 255, 255, 255, 0])], true),
        Case(ip(Array(repeating: 1, count: 16)), permitted: [ip([10, 0, 0, 0, 255, 0, 0, 0])], false),
        Case(
            ip([0x20, 0x01] + Array(repeating: 0, count: 14)),
            permitted: [
                ip([0x20, 0x01] + Array(repeating: 0, count: 14) + [255, 255] + Array(repeating: 0, count: 14))
            ],
            true
        ),
    ]

    static let others: [Case] = [
        Case(uri("spiffe://example.org/a"), permitted: [uri("example.org")], true),
        Case(uri("spiffe://sub.example.org/a"), permitted: [uri("example.org")], false),
        Case(uri("spiffe://sub.example.org/a"), permitted: [uri(".example.org")], true),
        Case(uri("spiffe://example.org/a"), permitted: [uri(".example.org")], false),
        Case(uri("spiffe://other.org/a"), permitted: [uri("example.org")], false),
        Case(uri("spiffe://example.org/a"), excluded: [uri("example.org")], false),
        Case(uri("https://user@example.org:1/a"), permitted: [uri("example.org")], true),
        Case(uri("https://10.0.0.1/a"), permitted: [uri("example.org")], false),
        Case(uri("urn:uuid:1"), excluded: [uri("example.org")], false),
        Case(.rfc822Name("a@example.com"), permitted: [.rfc822Name("example.com")], true),
        Case(.rfc822Name("a@sub.example.com"), permitted: [.rfc822Name("example.com")], false),
        Case(.rfc822Name("a@sub.example.com"), permitted: [.rfc822Name(".example.com")], true),
        Case(.rfc822Name("a@example.com"), permitted: [.rfc822Name("a@EXAMPLE.com")], true),
        Case(.rfc822Name("A@example.com"), permitted: [.rfc822Name("a@example.com")], false),
        Case(.rfc822Name("a@b@example.com"), excluded: [.rfc822Name("other.com")], false),
        Case(.registeredID([1, 2, 3]), excluded: [.registeredID([1, 2])], false),
        Case(.registeredID([1, 2, 3]), excluded: [.dnsName("x")], true),
    ]

    @Test(arguments: dns + addresses + others)
    func `a name is held to the constraints above it`(_ test: Case) throws {
        let root = try TestAuthority()
        var draft = CertificateDraft.authority("constrained")
        draft.permitted = test.permitted
        draft.excluded = test.excluded
        let authority = try root.intermediate(draft)
        var leaf = CertificateDraft()
        leaf.alternativeNames = [test.name]
        let verdict = try root.verify([authority.mint(leaf), authority.der])
        #expect(verdict.code == (test.isAccepted ? nil : .nameConstraint))
    }

    @Test func `the subject is a directory name`() throws {
        let organization = ("2.5.4.10", "Acme  Corp")
        let base = try GeneralName.directoryName(
            DistinguishedName(derEncoding: TestEncoding.name([("2.5.4.10", "acme corp")]))
        )
        for (subject, isAccepted) in [
            ([organization, ("2.5.4.3", "a")], true), ([("2.5.4.10", "Other"), ("2.5.4.3", "a")], false),
            ([("2.5.4.3", "a"), organization], false),
        ] {
            var authorityDraft = CertificateDraft.authority("constrained")
            authorityDraft.permitted = [base]
            let root = try TestAuthority(root: authorityDraft)
            var leaf = CertificateDraft()
            leaf.subject = subject
            #expect(try root.verify([root.mint(leaf)]).code == (isAccepted ? nil : .nameConstraint))
        }
    }

    @Test func `an email address in the subject is an email address`() throws {
        var draft = CertificateDraft.authority("constrained")
        draft.permitted = [.rfc822Name("example.com")]
        let root = try TestAuthority(root: draft)
        for (mailbox, isAccepted) in [("a@example.com", true), ("a@evil.com", false)] {
            var leaf = CertificateDraft()
            leaf.subject = [("2.5.4.3", "leaf"), ("1.2.840.113549.1.9.1", mailbox)]
            #expect(try root.verify([root.mint(leaf)]).code == (isAccepted ? nil : .nameConstraint))
        }
    }

    @Test func `an IP constraint with a gap in its mask makes its certificate malformed`() throws {
        for (mask, isAccepted) in [([255, 0, 0, 0], true), ([255, 0, 255, 0], false), ([254, 0, 0, 0], true)]
            as [([UInt8], Bool)]
        {
            var draft = CertificateDraft.authority("constrained")
            draft.permitted = [Self.ip([10, 0, 0, 0] + mask)]
            let root = try TestAuthority()
            let authority = try root.intermediate(draft)
            #expect(try root.verify([authority.mint(), authority.der]).code == (isAccepted ? nil : .malformed))
        }
    }

    @Test func `more comparisons than the bound are refused as too complex`() throws {
        var draft = CertificateDraft.authority("constrained")
        draft.excluded = (0..<700).map { .dnsName("host\($0).excluded.example") }
        let root = try TestAuthority(root: draft)
        var leaf = CertificateDraft()
        leaf.alternativeNames = (0..<100).map { .dnsName("h\($0).example") }
        #expect(try root.verify([root.mint(leaf)]).code == nil)
        leaf.alternativeNames = (0..<200).map { .dnsName("h\($0).example") }
        #expect(try root.verify([root.mint(leaf)]).code == .tooComplex)
    }
}

extension X509.DistinguishedName {
    /// Reads an encoding.
    init(derEncoding bytes: [UInt8]) throws {
        let node = try DER.parse(bytes)
        self = try Self(derEncoded: node)
    }
}
