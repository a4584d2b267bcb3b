import CountersignPKI
import CountersignService
import Testing

@Suite struct WorkloadIdentityTests {
    private let now = CountersignPKI.CalendarTime.unixSeconds(
        year: 2026,
        month: 1,
        day: 31,
        hour: 9,
        minute: 0,
        second: 0
    )

    @Test func isReadFromTheTextsThatItIsWrittenAs() throws {
        let identity = try Minted.identity()
        let again = try WorkloadIdentity(
            certificateChainPEM: Array(identity.certificateChainPEM.utf8),
            privateKeyPEM: Array(identity.privateKeyPEM.utf8),
            trustBundlePEM: Array(identity.trustBundlePEM.utf8),
            atUnixSeconds: identity.notBefore + 1
        )
        #expect(again.spiffeID?.description == "spiffe://test.local/ns/default/sa/orders")
        #expect(again.serialNumber == identity.serialNumber)
        #expect(again.certificateChain == identity.certificateChain)
        #expect(again.trust.trustDomains == .only([try TrustDomain(parsing: "test.local")]))
    }

    @Test func aKeyOfAnotherCertificateIsRefused() throws {
        let identity = try Minted.identity()
        let other = try Minted.identity()
        #expect(throws: ServiceIdentityError(.material, "")) {
            try WorkloadIdentity(
                certificateChain: identity.certificateChain,
                privateKey: other.privateKey,
                trust: identity.trust,
                atUnixSeconds: identity.notBefore + 1
            )
        }
    }

    @Test(arguments: [-1, 3_700])
    func countsWithinItsTimeAlone(seconds: Int64) throws {
        let identity = try Minted.identity()
        #expect(identity.isValid(atUnixSeconds: identity.notBefore))
        #expect(throws: ServiceIdentityError(.validity, "")) {
            try WorkloadIdentity(
                certificateChain: identity.certificateChain,
                privateKey: identity.privateKey,
                trust: identity.trust,
                atUnixSeconds: identity.notBefore + seconds
            )
        }
    }

    @Test func anAuthoritysCertificateIsNoService() throws {
        let authority = try IssuingAuthority.ephemeral(trustDomain: try TrustDomain(parsing: "test.local"), now: now)
        #expect(throws: ServiceIdentityError(.material, "")) {
            try WorkloadIdentity(
                certificateChainPEM: Array(authority.certificatePEM.utf8),
                privateKeyPEM: Array(authority.keyPEM.utf8),
                trustBundlePEM: Array(authority.trustBundlePEM.utf8),
                atUnixSeconds: now
            )
        }
    }

    @Test func noDescriptionReachesTheKey() throws {
        let identity = try Minted.identity()
        var text = "\(identity)"
        dump(identity, to: &text)
        let inner = identity.privateKeyPEM.split(separator: "\n")[1]
        #expect(!text.contains(inner))
    }
}
