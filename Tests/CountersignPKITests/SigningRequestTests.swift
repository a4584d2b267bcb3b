import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

@Suite struct SigningRequestTests {
    /// A request as a workload makes it.
    private func request(
        _ names: [GeneralName],
        subject: [(type: String, text: String)] = [],
        key: PrivateKey,
        extra: [Certificate.Extension] = []
    ) throws -> [UInt8] {
        var extensions = extra
        if !names.isEmpty {
            extensions.append(try Certificate.Extension(SubjectAlternativeNames(names), critical: false))
        }
        let request = try CertificateSigningRequest(
            version: .v1,
            subject: DistinguishedName(derEncoding: TestEncoding.name(subject)),
            privateKey: key.signer,
            attributes: CertificateSigningRequest.Attributes([
                .init(ExtensionRequest(extensions: Certificate.Extensions(extensions)))
            ]),
            signatureAlgorithm: key.signatureAlgorithm
        )
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        return serializer.serializedBytes
    }

    private func profile() throws -> CertificateProfile {
        try .workload(trustDomain: TrustDomain(parsing: "cluster.local"), namespace: "a", service: "b")
    }

    private func sign(
        _ der: [UInt8],
        _ change: (inout CertificateProfile) -> Void = { _ in }
    ) throws -> IssuedCertificate {
        let authority = try IssuingAuthority.ephemeral(
            trustDomain: TrustDomain(parsing: "cluster.local"),
            now: TestClock.now
        )
        var profile = try self.profile()
        change(&profile)
        return try authority.sign(SigningRequest(der: der), profile: profile, now: TestClock.now)
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048])
    func `a request for allowed names is signed for its key`(_ kind: PrivateKey.Kind) throws {
        let key = try PrivateKey.generate(kind)
        let der = try self.request(
            [.dnsName("B"), .uniformResourceIdentifier("spiffe://cluster.local/ns/a/sa/b")],
            subject: [("2.5.4.3", "b")],
            key: key
        )
        #expect(key.matches(certificateDER: try self.sign(der).der))
    }

    @Test func `a request keeps its own key, whatever key it was expected to be for`() throws {
        let (own, other) = (try PrivateKey.generate(.p256), try PrivateKey.generate(.p256))
        let der = try SigningRequest.withoutNames(for: own).der
        for expected in [own.publicKey, other.publicKey] {
            let request = try SigningRequest(der: der, key: expected)
            #expect(request.publicKey.derEncoded == own.publicKey.derEncoded)
            #expect(request.isSelfConsistent)
        }
        var altered = der
        altered[der.count - 1] ^= 1
        #expect(try !SigningRequest(der: altered, key: own.publicKey).isSelfConsistent)
    }

    @Test func `a request without names gets those of the profile`() throws {
        let key = try PrivateKey.generate(.p256)
        let issued = try self.sign(try self.request([], key: key))
        let parsed = try ParsedCertificate(der: issued.der)
        #expect(parsed.extensions.alternativeNames == [.uri("spiffe://cluster.local/ns/a/sa/b"), .dns("b")])
    }

    @Test(arguments: [
        GeneralName.dnsName("c"), .dnsName("*.b"), .uniformResourceIdentifier("spiffe://cluster.local/ns/a/sa/c"),
        .rfc822Name("a@b"), .ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 1])),
    ])
    func `a name that the profile lacks is refused`(_ name: GeneralName) throws {
        let der = try self.request([.dnsName("b"), name], key: try PrivateKey.generate(.p256))
        #expect(throws: PKIError(.nameNotAllowed, "")) { try self.sign(der) }
    }

    @Test func `a subject that the profile lacks is refused`() throws {
        let key = try PrivateKey.generate(.p256)
        for subject in [[("2.5.4.3", "c")], [("2.5.4.11", "app:x"), ("2.5.4.3", "b")], [("2.5.4.10", "Other")]] {
            let der = try self.request([], subject: subject, key: key)
            #expect(throws: PKIError(.nameNotAllowed, "")) { try self.sign(der) }
        }
    }

    @Test func `nobody may ask to be an authority`() throws {
        let constraints = try Certificate.Extension(
            BasicConstraints.isCertificateAuthority(maxPathLength: nil),
            critical: true
        )
        let der = try self.request([], key: try PrivateKey.generate(.p256), extra: [constraints])
        #expect(throws: PKIError(.nameNotAllowed, "")) { try self.sign(der) }
    }

    @Test func `a request that its key did not sign is refused`() throws {
        var der = try self.request([], key: try PrivateKey.generate(.p256))
        #expect(try SigningRequest(der: der).isSelfConsistent)
        der[der.count - 1] ^= 1
        #expect(throws: PKIError(.proofOfPossessionFailed, "")) { try self.sign(der) }
    }

    @Test func `rubbish is no request`() throws {
        #expect(throws: PKIError(.malformedRequest, "")) { try SigningRequest(der: [0x30, 0x00]) }
        #expect(throws: PKIError(.tooLarge, "")) { try SigningRequest(der: Array(repeating: 0, count: 70_000)) }
        let certificate = PEMBlock.text(label: "CERTIFICATE", der: [1])
        #expect(throws: PKIError(.unexpectedBlock, "")) { try SigningRequest(pem: Array(certificate.utf8)) }
    }

    @Test func `an operator can take the names from the request, and what a profile cannot say is still refused`()
        throws
    {
        let key = try PrivateKey.generate(.p256)
        let app = VerifiedPeerTests.app
        func profile(_ names: [GeneralName]) throws -> (SigningRequest, CertificateProfile) {
            let subject = [("2.5.4.10", "Acme"), ("2.5.4.11", "app:\(app)"), ("2.5.4.11", "unit"), ("2.5.4.3", "web")]
            let request = try SigningRequest(der: self.request(names, subject: subject, key: key))
            var profile = CertificateProfile(lifetimeSeconds: 60)
            profile.takeNames(askedForBy: request)
            return (request, profile)
        }
        let authority = try IssuingAuthority.ephemeral(trustDomain: TrustDomain(parsing: "a"), now: TestClock.now)
        let address = GeneralName.ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 1]))
        let (request, all) = try profile([.dnsName("web"), .uniformResourceIdentifier("spiffe://a/b"), address])
        let issued = try ParsedCertificate(der: authority.sign(request, profile: all, now: TestClock.now).der)
        #expect(issued.extensions.alternativeNames == [.uri("spiffe://a/b"), .dns("web"), .ip([10, 0, 0, 1])])
        #expect(issued.subject.text == "CN=web,OU=app:\(app),OU=unit,O=Acme")
        let (mail, without) = try profile([.rfc822Name("a@b")])
        #expect(throws: PKIError(.nameNotAllowed, "")) {
            try authority.sign(mail, profile: without, now: TestClock.now)
        }
    }
}
