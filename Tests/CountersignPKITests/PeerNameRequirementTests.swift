import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

@Suite struct PeerNameRequirementTests {
    private func peer(_ names: [GeneralName], commonName: String = "leaf") throws -> VerifiedPeer {
        let root = try TestAuthority()
        var draft = CertificateDraft()
        draft.alternativeNames = names
        draft.subject = [("2.5.4.3", commonName)]
        return try root.verify([root.mint(draft)], purpose: .server).get()
    }

    @Test(arguments: [
        ("a.example.com", "a.example.com", true), ("A.Example.com", "a.example.COM", true),
        ("b.example.com", "a.example.com", false), ("*.example.com", "a.example.com", true),
        ("*.example.com", "example.com", false), ("*.example.com", "a.b.example.com", false),
        ("a*.example.com", "ab.example.com", false), ("*", "a", false), ("a.*.com", "a.b.com", false),
        ("a.example.com.", "a.example.com", false), ("xn--bcher-kva.example", "xn--bcher-kva.example", true),
    ])
    func `a DNS name is matched by whole labels`(_ presented: String, _ wanted: String, _ isAccepted: Bool) throws {
        let requirement = PeerNameRequirement.dns(try HostName(parsing: wanted))
        let fault = requirement.fault(of: try self.peer([.dnsName(presented)]))
        #expect(fault?.code == (isAccepted ? nil : .nameMismatch))
    }

    @Test func `a common name is never a host name`() throws {
        let requirement = PeerNameRequirement.dns(try HostName(parsing: "a.example.com"))
        let peer = try self.peer([.dnsName("b.example.com")], commonName: "a.example.com")
        #expect(requirement.fault(of: peer)?.code == .nameMismatch)
    }

    @Test func `an address is matched by addresses alone`() throws {
        let address = PeerNameRequirement.address(try IPAddress(parsing: "10.0.0.1"))
        #expect(address.fault(of: try self.peer([.ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 1]))])) == nil)
        #expect(address.fault(of: try self.peer([.dnsName("10.0.0.1")]))?.code == .nameMismatch)
        #expect(
            address.fault(of: try self.peer([.ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 2]))]))?.code
                == .nameMismatch
        )
        let named = PeerNameRequirement.dns(try HostName(parsing: "10.0.0.1"))
        #expect(named.fault(of: try self.peer([.dnsName("10.0.0.1")]))?.code == .nameMismatch)
    }

    @Test(arguments: [
        ("a@example.com", true), ("a@EXAMPLE.com", true), ("A@example.com", false), ("b@example.com", false),
        ("example.com", false), ("a@b@example.com", false),
    ])
    func `an email address is matched`(_ wanted: String, _ isAccepted: Bool) throws {
        let peer = try self.peer([.rfc822Name("a@example.com")])
        #expect(PeerNameRequirement.email(wanted).fault(of: peer)?.code == (isAccepted ? nil : .nameMismatch))
    }

    @Test func `a SPIFFE ID is matched byte for byte, and its absence is told apart`() throws {
        let id = try SPIFFEID(parsing: "spiffe://example.org/ns/a/sa/b")
        let domain = PeerNameRequirement.trustDomain(try TrustDomain(parsing: "example.org"))
        let good = try self.peer([.uniformResourceIdentifier(id.description)])
        #expect(PeerNameRequirement.spiffe(id).fault(of: good) == nil)
        #expect(domain.fault(of: good) == nil)
        let other = try self.peer([.uniformResourceIdentifier("spiffe://example.org/ns/a/sa/c")])
        #expect(PeerNameRequirement.spiffe(id).fault(of: other)?.code == .nameMismatch)
        #expect(domain.fault(of: other) == nil)
        let foreign = try self.peer([.uniformResourceIdentifier("spiffe://other.org/ns/a/sa/b")])
        #expect(domain.fault(of: foreign)?.code == .nameMismatch)
        #expect(PeerNameRequirement.spiffe(id).fault(of: try self.peer([.dnsName("b")]))?.code == .invalidSPIFFE)
    }
}
