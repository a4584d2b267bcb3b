import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

@Suite struct DERWriterTests {
    @Test(arguments: [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 24])
    func `lengths have the fewest bytes, whichever way a field is written`(_ count: Int) throws {
        let content = Array(repeating: UInt8(7), count: count)
        var direct = DERWriter()
        direct.field(DERTag.octetString, content: content)
        var nested = DERWriter()
        nested.field(DERTag.octetString) { $0.encoded(content) }
        #expect(direct.bytes == nested.bytes)
        #expect(direct.bytes.count == DERWriter.size(ofContent: count))
        #expect(try ASN1OctetString(derEncoded: direct.bytes).bytes.count == count)
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 32_767, 32_768, Int64(Int32.max) + 1, Int64.max])
    func `numbers are minimal and positive`(_ number: Int64) throws {
        var writer = DERWriter()
        writer.integer(number)
        #expect(try Int64(derEncoded: writer.bytes) == number)
    }

    @Test(
        arguments: [
            [1, 2, 840, 113549, 1, 1, 11], [2, 5, 4, 3], [2, 5, 29, 37, 0], [0, 9, 2342, 19_200_300, 100, 1, 25],
            [1, 3, 6, 1, 4, 1, 4_294_967_296], [2, 999, 127, 128, 16_383, 16_384],
        ] as [[UInt]]
    )
    func `object identifiers are what the other encoder writes`(_ arcs: [UInt]) throws {
        var serializer = DER.Serializer()
        try serializer.serialize(try ASN1ObjectIdentifier(elements: arcs))
        let identifier = try #require(OID(dotted: arcs.map(String.init).joined(separator: ".")))
        #expect(identifier.encoded == serializer.serializedBytes)
        #expect(try DERField(parsing: identifier.encoded).objectIdentifier() == identifier)
        #expect(identifier.arcs == arcs)
    }

    @Test(arguments: [
        (Int64(-631_152_000), "19500101000000Z", UInt8(0x17)), (2_524_607_999, "491231235959Z", 0x17),
        (2_524_608_000, "20500101000000Z", 0x18), (253_402_300_799, "99991231235959Z", 0x18),
        (TestClock.now, "260131120000Z", 0x17),
    ])
    func `times are UTCTime until 2049`(_ seconds: Int64, _ text: String, _ tag: UInt8) throws {
        var writer = DERWriter()
        writer.time(unixSeconds: seconds)
        #expect(writer.bytes.first == tag)
        #expect(
            String(decoding: writer.bytes.dropFirst(2), as: UTF8.self) == (tag == 0x17 ? String(text.suffix(13)) : text)
        )
        #expect(try CertificateTime.unixSeconds(DERField(parsing: writer.bytes)) == seconds)
    }

    @Test(arguments: [
        KeyUsageField.digitalSignature, [.digitalSignature, .keyEncipherment], [.certificateSigning], .decipherOnly,
        [.certificateSigning, .revocationListSigning], [.keyAgreement, .encipherOnly, .decipherOnly],
    ])
    func `key usages are read as they were written`(_ usage: KeyUsageField) throws {
        let wire = try Certificate.Extension(derEncoded: ExtensionEncoding.keyUsage(usage))
        #expect(wire.critical)
        #expect(try KeyUsageField(DERField(parsing: Array(wire.value))) == usage)
        // The other decoder refuses bits that should not be there.
        _ = try KeyUsage(wire)
    }

    @Test func `names use the string types of their attributes and refuse what does not fit`() throws {
        let name = DistinguishedName(encodingOrder: [
            .init(.country, "DE"), .init(.domainComponent, "example"), .init(.organization, "Müller"),
            RelativeDistinguishedName([.init(.organizationalUnit, "b"), .init(.commonName, "a")]),
        ])
        let read = try RelativeNames(der: NameEncoding.encode(name))
        #expect(read.attributes.map(\.valueDER.first) == [19, 22, 12, 12, 12])
        #expect(read.components.last?.map(\.text) == ["a", "b"])
        for bad in [RelativeDistinguishedName(.country, "D_"), .init(.emailAddress, "ä@b"), .init(.commonName, "")] {
            #expect(throws: PKIError(.invalidProfile, "")) {
                try NameEncoding.encode(DistinguishedName(encodingOrder: [bad]))
            }
        }
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048])
    func `a certificate is DER that the other implementation writes again byte for byte`(
        _ kind: PrivateKey.Kind
    )
        throws
    {
        let domain = try TrustDomain(parsing: "cluster.local")
        let authority = try IssuingAuthority.ephemeral(trustDomain: domain, now: TestClock.now)
        var profile = try CertificateProfile.workload(trustDomain: domain, namespace: "a", service: "b")
        profile.countries = ["DE"]
        profile.organizations = ["Acme"]
        profile.addresses = [try IPAddress(parsing: "192.0.2.1"), try IPAddress(parsing: "2001:db8::1")]
        profile.revocationListURIs = ["http://crl.example/1", "http://crl.example/2"]
        profile.ocspURIs = ["http://ocsp.example/"]
        let leaf = try authority.issue(profile, key: kind, now: TestClock.now).certificate.der
        for der in [leaf, authority.certificate.der] {
            var serializer = DER.Serializer()
            try serializer.serialize(try Certificate(derEncoded: der))
            #expect(serializer.serializedBytes == der)
        }
    }

    @Test func `every signature verifies and no serial number comes twice`() throws {
        let domain = try TrustDomain(parsing: "cluster.local")
        let authority = try IssuingAuthority.ephemeral(trustDomain: domain, now: TestClock.now)
        let key = try PrivateKey.generate(.p256)
        var random = SystemRandomNumberGenerator()
        var serials: Set<String> = []
        for _ in 0..<200 {
            let profile = try CertificateProfile.service(trustDomain: domain, name: "a")
            let issued = try authority.certify(key.publicKey, profile: profile, now: TestClock.now, random: &random)
            #expect(try ParsedCertificate(der: issued.der).isSigned(by: authority.certificate))
            #expect(serials.insert(issued.serialHex).inserted)
            #expect(issued.serialNumber == (try ParsedCertificate(der: issued.der).serialNumber))
        }
    }
}
