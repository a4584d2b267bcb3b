import CountersignIdentity
import Testing
import X509

@testable import CountersignPKI

@Suite struct IssuingAuthorityTests {
    static let domain = "cluster.local"

    private func authority() throws -> IssuingAuthority {
        try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: Self.domain), now: TestClock.now)
    }

    private func workload(_ service: String = "billing", seconds: Int64 = 3_600) throws -> CertificateProfile {
        try .workload(
            trustDomain: TrustDomain(parsing: Self.domain),
            namespace: "payments",
            service: service,
            lifetimeSeconds: seconds
        )
    }

    private func verify(
        _ der: [[UInt8]],
        by authority: IssuingAuthority,
        _ purpose: VerificationPurpose
    ) throws -> VerifiedPeer {
        let trust = try TrustStore(pem: authority.trustBundlePEM, atUnixSeconds: TestClock.now)
        return try ChainVerifier(trust: trust, purpose: purpose, profile: .strict)
            .verify(UnverifiedPeerChain(derCertificates: der), atUnixSeconds: TestClock.now).get()
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048])
    func `what it issues verifies strictly, for servers and clients`(_ kind: PrivateKey.Kind) throws {
        let authority = try self.authority()
        let issued = try authority.issue(self.workload(), key: kind, now: TestClock.now)
        for purpose in [VerificationPurpose.server, .client] {
            let peer = try self.verify(issued.certificate.chainDER, by: authority, purpose)
            #expect(peer.identity.spiffeID?.description == "spiffe://cluster.local/ns/payments/sa/billing")
            #expect(peer.dnsNames == ["billing"])
        }
        #expect(issued.key.matches(certificateDER: issued.certificate.der))
        let parsed = try ParsedCertificate(der: issued.certificate.der)
        #expect(
            parsed.extensions.keyUsage
                == (kind == .rsa2048 ? [.digitalSignature, .keyEncipherment] : .digitalSignature)
        )
        #expect(parsed.extensions.isCritical(.keyUsage))
        #expect(parsed.extensions.subjectKeyIdentifier == parsed.publicKey.keyIdentifier)
    }

    @Test func `a key that signs certificates is certified for no one below it`() throws {
        let authority = try self.authority()
        let profile = try self.workload()
        let own = try SigningRequestBuilder().request(for: PrivateKey(pem: authority.keyPEM))
        #expect(throws: PKIError(.keyReused, "")) { try authority.sign(own, profile: profile, now: TestClock.now) }
        let other = try SigningRequestBuilder().request(for: PrivateKey.generate(.p256))
        #expect(try !authority.sign(other, profile: profile, now: TestClock.now).der.isEmpty)
    }

    @Test func `a Cloud Foundry instance is issued as its units`() throws {
        let identity = CloudFoundryIdentity(
            app: try CloudFoundryGUID(parsing: VerifiedPeerTests.app),
            space: try CloudFoundryGUID(parsing: VerifiedPeerTests.space)
        )
        let authority = try self.authority()
        let issued = try authority.issue(
            .cloudFoundry(identity, instance: "instance-1"),
            key: .p256,
            now: TestClock.now
        )
        let peer = try self.verify(issued.certificate.chainDER, by: authority, .client)
        #expect(peer.identity.cloudFoundry == identity)
        #expect(
            peer.subjectRFC2253 == "CN=instance-1,OU=app:\(VerifiedPeerTests.app),OU=space:\(VerifiedPeerTests.space)"
        )
    }

    @Test func `a service and a host are issued with what their profiles say`() throws {
        let authority = try self.authority()
        var profile = try CertificateProfile.service(trustDomain: TrustDomain(parsing: Self.domain), name: "web")
        profile.countries = ["DE"]
        profile.organizations = ["Müller & Söhne"]
        profile.revocationListURIs = ["http://crl.example/ca.crl"]
        profile.ocspURIs = ["http://ocsp.example/"]
        profile.addresses = [try IPAddress(parsing: "::1")]
        profile.usage = .server
        let issued = try authority.issue(profile, key: .p256, now: TestClock.now)
        let description = CertificateDescription(try ParsedCertificate(der: issued.certificate.der))
        #expect(description.spiffeID == "spiffe://cluster.local/service/web")
        #expect(description.subject == "CN=web,O=Müller & Söhne,C=DE")
        #expect(description.revocationLists == ["http://crl.example/ca.crl"])
        #expect(description.ocspResponders == ["http://ocsp.example/"])
        #expect(description.extendedKeyUsage == ["serverAuth"])
        #expect(description.alternativeNames.last == "IP:::1")
        let host = try authority.issue(.host(["*.example.com"], lifetimeSeconds: 60), key: .p256, now: TestClock.now)
        #expect(try self.verify([host.certificate.der], by: authority, .server).dnsNames == ["*.example.com"])
    }

    @Test func `validity begins before now and ends no later than the authority's`() throws {
        let authority = try IssuingAuthority.ephemeral(
            trustDomain: TrustDomain(parsing: Self.domain),
            now: TestClock.now - 1_000,
            lifetimeSeconds: 5_000
        )
        let short = try authority.issue(self.workload(seconds: 100), key: .p256, now: TestClock.now).certificate
        #expect(short.notBefore == TestClock.now - 30)
        #expect(short.notAfter == TestClock.now + 100)
        let long = try authority.issue(self.workload(seconds: 100_000), key: .p256, now: TestClock.now).certificate
        #expect(long.notAfter == authority.notAfter)
        #expect(throws: PKIError(.expired, "")) {
            try authority.issue(self.workload(), key: .p256, now: TestClock.now + 5_000)
        }
        #expect(throws: PKIError(.notYetValid, "")) {
            try authority.issue(self.workload(), key: .p256, now: TestClock.now - 2_000)
        }
    }

    @Test func `serial numbers are random, positive and of 20 bytes`() throws {
        let authority = try self.authority()
        let serials = try (0..<20).map { _ in
            try authority.issue(self.workload(), key: .p256, now: TestClock.now).certificate.serialHex
        }
        #expect(Set(serials).count == 20)
        #expect(serials.allSatisfy { $0.utf8.count == 40 && $0.utf8.first.map { $0 < UInt8(ascii: "8") } ?? false })
    }

    struct BadProfile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout CertificateProfile) throws -> Void
    }

    static let badProfiles: [BadProfile] = [
        BadProfile(testDescription: "no lifetime") { $0.lifetimeSeconds = 0 },
        BadProfile(testDescription: "endless lifetime") { $0.lifetimeSeconds = .max },
        BadProfile(testDescription: "nobody") { $0 = CertificateProfile(lifetimeSeconds: 60) },
        BadProfile(testDescription: "a trust domain as a workload") {
            $0.spiffeID = try SPIFFEID(parsing: "spiffe://a")
        },
        BadProfile(testDescription: "a DNS name with a space") { $0.dnsNames = ["a b"] },
        BadProfile(testDescription: "a wildcard inside") { $0.dnsNames = ["a.*.b"] },
        BadProfile(testDescription: "a long common name") { $0.commonName = String(repeating: "x", count: 65) },
        BadProfile(testDescription: "a line break") { $0.commonName = "a\nb" },
        BadProfile(testDescription: "an app in a free unit") {
            $0.organizationalUnits = ["app:\(VerifiedPeerTests.app)"]
        },
        BadProfile(testDescription: "an imitated app") { $0.commonName = "x,OU=app:1" },
        BadProfile(testDescription: "a country of three letters") { $0.countries = ["DEU"] },
        BadProfile(testDescription: "a location that is no URI") { $0.ocspURIs = ["ocsp.example"] },
    ]

    @Test(arguments: badProfiles) func `a profile that makes no sense is refused`(_ bad: BadProfile) throws {
        let authority = try self.authority()
        var profile = try self.workload()
        #expect(throws: Never.self) { try authority.issue(profile, key: .p256, now: TestClock.now) }
        try bad.change(&profile)
        #expect(throws: PKIError(.invalidProfile, "")) { try authority.issue(profile, key: .p256, now: TestClock.now) }
    }

    @Test func `an existing authority is taken from files, and what is none is refused with its own error`() throws {
        let root = try TestAuthority(key: try PrivateKey.generate(.p384))
        let intermediate = try root.intermediate(key: try PrivateKey.generate(.rsa2048))
        let chain = [intermediate.der, root.der].map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
        func load(_ certificate: String, _ key: PrivateKey) throws -> IssuingAuthority {
            try IssuingAuthority(
                certificatePEM: Array(certificate.utf8),
                keyPEM: Array(key.pemPKCS8.utf8),
                now: TestClock.now
            )
        }
        let authority = try load(chain, intermediate.key)
        let issued = try authority.issue(self.workload(), key: .p256, now: TestClock.now)
        #expect(issued.certificate.issuersDER == [intermediate.der])
        #expect(try root.verify(issued.certificate.chainDER).code == nil)
        var expired = CertificateDraft.authority("expired")
        expired.notAfter = TestClock.now - 1
        let old = try TestAuthority(root: expired)
        let leafKey = try PrivateKey.generate(.p256)
        let leaf = try root.mint(key: leafKey)
        for (der, key, code) in [
            (intermediate.der, root.key, PKIError.Code.keyMismatch), (leaf, leafKey, .notAuthority),
            (old.der, old.key, .expired),
        ] {
            #expect(throws: PKIError(code, "")) { try load(PEMBlock.text(label: "CERTIFICATE", der: der), key) }
        }
        #expect(throws: PKIError(.nothingFound, "")) { try load("", root.key) }
    }
}
