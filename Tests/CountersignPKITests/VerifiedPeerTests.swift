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
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        for (id, isOurs) in [("spiffe://example.org/a", true), ("spiffe://other.org/a", false)] {
            let chain = UnverifiedPeerChain(derCertificates: [try root.mint(.workload(id))])
            let identity = try verifier.verify(chain, atUnixSeconds: TestClock.now).get().identity
            #expect((identity.spiffeID != nil) == isOurs)
            #expect((identity.ambiguity == .foreignTrustDomain) == !isOurs)
        }
    }

    @Test func `an authority of one trust domain does not speak for another in a pooled bundle`() throws {
        var draft = CertificateDraft.authority("a")
        draft.alternativeNames = [.uniformResourceIdentifier("spiffe://a.org")]
        let a = try TestAuthority(root: draft)
        draft = .authority("b")
        draft.alternativeNames = [.uniformResourceIdentifier("spiffe://b.org")]
        let b = try TestAuthority(root: draft)
        let trust = try TrustStore(derCertificates: [a.der, b.der])
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        for (authority, id, isOurs) in [
            (a, "spiffe://a.org/x", true), (a, "spiffe://b.org/x", false), (b, "spiffe://b.org/x", true),
            (b, "spiffe://a.org/x", false),
        ] {
            let chain = UnverifiedPeerChain(derCertificates: [try authority.mint(.workload(id))])
            let identity = try verifier.verify(chain, atUnixSeconds: TestClock.now).get().identity
            #expect((identity.spiffeID?.description == id) == isOurs)
        }
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
