import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

/// What a verified certificate says about its holder, and when it says nothing.
@Suite struct VerifiedPeerTests {
    static let app = "d76446a1-f429-4444-8797-be2f78b75b08"
    static let space = "6e424e4e-5e46-419a-9cb6-eac9de2794e8"
    static let unit = "2.5.4.11"

    private func identity(_ draft: CertificateDraft) throws -> CallerIdentity {
        let root = try TestAuthority()
        return try root.verify([root.mint(draft)]).get().identity
    }

    @Test func `Cloud Foundry units are read`() throws {
        var draft = CertificateDraft()
        draft.subject = [
            (Self.unit, "organization:\(Self.space)"), (Self.unit, "space:\(Self.space)"),
            (Self.unit, "app:\(Self.app)"),
            ("2.5.4.3", "instance"),
        ]
        let identity = try self.identity(draft)
        #expect(identity.cloudFoundry?.app.description == Self.app)
        #expect(identity.cloudFoundry?.space?.description == Self.space)
    }

    @Test func `two apps are no identity`() throws {
        var draft = CertificateDraft()
        draft.subject = [(Self.unit, "app:\(Self.app)"), (Self.unit, "app:\(Self.space)")]
        let identity = try self.identity(draft)
        #expect(identity.cloudFoundry == nil)
        #expect(identity.ambiguity == .repeatedApp)
    }

    @Test func `a unit imitated inside a common name is no identity`() throws {
        var draft = CertificateDraft()
        draft.subject = [(Self.unit, "app:\(Self.app)"), ("2.5.4.3", "x,OU=app:\(Self.space)")]
        let identity = try self.identity(draft)
        #expect(!identity.isIdentified)
        #expect(identity.ambiguity == .imitatedUnit)
    }

    @Test(arguments: [
        ["spiffe://example.org/a", "spiffe://example.org/b"], ["spiffe://example.org/a", "https://example.org/"],
        ["spiffe://example.org"], ["spiffe://example.org/a/"], ["spiffe://EXAMPLE.org/a"], ["SPIFFE://example.org/a"],
        ["spiffe://example.org/a?b"], ["spiffe://example.org:1/a"],
    ])
    func `a malformed or second URI is no identity`(_ uris: [String]) throws {
        var draft = CertificateDraft()
        draft.alternativeNames = uris.map { .uniformResourceIdentifier($0) }
        let identity = try self.identity(draft)
        #expect(identity.spiffeID == nil)
        #expect(identity.ambiguity != nil)
    }

    @Test func `a store's trust domains bind what its authorities vouch for`() throws {
        let root = try TestAuthority()
        let home = try TrustDomain(parsing: "example.org")
        let trust = try TrustStore(derCertificates: [root.der], trustDomains: .only([home]))
        #expect(try self.verdict(trust, [root.mint(.workload("spiffe://example.org/a"))]) == nil)
        #expect(try self.verdict(trust, [root.mint(.workload("spiffe://other.org/a"))]) == .foreignTrustDomain)
    }

    @Test func `an authority of one trust domain does not speak for another in a pooled bundle`() throws {
        let a = try TestAuthority(root: .authority("a"))
        let b = try TestAuthority(root: .authority("b"))
        let trust = try TrustStore(bundles: [
            TrustBundle(authoritiesDER: [a.der], trustDomains: .only([try TrustDomain(parsing: "a.org")])),
            TrustBundle(authoritiesDER: [b.der], trustDomains: .only([try TrustDomain(parsing: "b.org")])),
        ])
        let below = try b.intermediate()
        #expect(try self.verdict(trust, [a.mint(.workload("spiffe://a.org/x"))]) == nil)
        #expect(try self.verdict(trust, [a.mint(.workload("spiffe://b.org/x"))]) == .foreignTrustDomain)
        #expect(try self.verdict(trust, [b.mint(.workload("spiffe://b.org/x"))]) == nil)
        #expect(try self.verdict(trust, [b.mint(.workload("spiffe://a.org/x"))]) == .foreignTrustDomain)
        #expect(try self.verdict(trust, [below.mint(.workload("spiffe://b.org/x")), below.der]) == nil)
        #expect(try self.verdict(trust, [below.mint(.workload("spiffe://a.org/x")), below.der]) == .foreignTrustDomain)
    }

    @Test func `an authority that names its trust domain speaks for no other`() throws {
        var draft = CertificateDraft.authority("a")
        draft.alternativeNames = [.uniformResourceIdentifier("spiffe://a.org")]
        let a = try TestAuthority(root: draft)
        #expect(try self.verdict(a.trust, [a.mint(.workload("spiffe://a.org/x"))]) == nil)
        #expect(try self.verdict(a.trust, [a.mint(.workload("spiffe://b.org/x"))]) == .foreignTrustDomain)
    }

    @Test(
        arguments: [
            ["spiffe://b.org/x", "https://a.example/"], ["https://a.example/", "spiffe://b.org/x"],
            ["SPIFFE://b.org/x"], ["spiffe://b.org/x?y"], ["spiffe:b.org"],
        ]
    )
    func `a foreign name among others, or in disguise, is refused as well`(_ uris: [String]) throws {
        let root = try TestAuthority()
        let trust = try TrustStore(
            derCertificates: [root.der],
            trustDomains: .only([try TrustDomain(parsing: "a.org")])
        )
        var draft = CertificateDraft()
        #expect(try self.verdict(trust, [root.mint(draft)]) == nil)
        draft.alternativeNames = uris.map { .uniformResourceIdentifier($0) }
        #expect(try self.verdict(trust, [root.mint(draft)]) == .foreignTrustDomain)
    }

    private func verdict(_ trust: TrustStore, _ chain: [[UInt8]]) throws -> ChainRejection.Code? {
        ChainVerifier(trust: trust, purpose: .client)
            .verify(UnverifiedPeerChain(derCertificates: chain), atUnixSeconds: TestClock.now).code
    }

    @Test func `names, times and fingerprints are those of the leaf and its path`() throws {
        let root = try TestAuthority()
        var authority = CertificateDraft.authority("intermediate")
        authority.notAfter = TestClock.now + 600
        let intermediate = try root.intermediate(authority)
        var draft = CertificateDraft()
        draft.alternativeNames = [
            .dnsName("a.example"), .rfc822Name("a@example.com"), .uniformResourceIdentifier("https://a.example/"),
            .ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 1])),
        ]
        draft.serialNumber = [0, 0xFF, 1]
        let leaf = try intermediate.mint(draft)
        let peer = try root.verify([leaf, intermediate.der, root.der]).get()
        #expect(peer.dnsNames == ["a.example"])
        #expect(peer.emailNames == ["a@example.com"])
        #expect(peer.uriNames == ["https://a.example/"])
        #expect(peer.ipNames == ["10.0.0.1"])
        #expect(peer.serialHex == "ff01")
        #expect(peer.serialDecimal == "65281")
        #expect(peer.notAfter == TestClock.now + 3_600)
        #expect(peer.validUntil == TestClock.now + 600)
        #expect(peer.validFrom == TestClock.now - 3_600)
        #expect(peer.leafDER == leaf)
        #expect(peer.issuersDER == [intermediate.der])
        #expect(peer.sha256Hex.utf8.count == 64)
    }
}
