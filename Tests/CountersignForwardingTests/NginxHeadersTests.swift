import CountersignForwarding
import Testing

@Suite struct NginxHeadersTests {
    @Test func `certificate, outcome and names are written`() throws {
        let certificate = ExampleCertificate.forwarded(subject: #"CN=BC,O=Foo\, Inc."#)
        let headers = NginxHeaders.headers(for: certificate)
        let values = Dictionary(uniqueKeysWithValues: headers.map { ($0.name, text($0.value)) })
        let begin =
            "-----BEGIN%20CERTIFICATE-----%0AMIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBB%0A"
        #expect(try #require(values["ssl-client-cert"]).hasPrefix(begin))
        #expect(
            try #require(values["ssl-client-cert"]).hasSuffix(
                "r5XarmPk0wmuydBVoU4hBVZ1yhk%3D%0A-----END%20CERTIFICATE-----%0A"
            )
        )
        #expect(values["ssl-client-verify"] == "SUCCESS")
        #expect(values["ssl-client-subject-dn"] == #"CN=BC,O=Foo\2C Inc."#)
        #expect(values["ssl-client-issuer-dn"] == "CN=LA Intermediate CA,O=Let's Authenticate")
    }

    @Test func `a verified certificate is read`() throws {
        let value = NginxHeaders.headers(for: ExampleCertificate.forwarded())[0].value
        #expect(
            try NginxHeaders.parse(certificate: value.span, verify: bytes("SUCCESS").span) == ExampleCertificate.leafDER
        )
    }

    @Test(arguments: [
        "", "NONE", "FAILED", "FAILED:certificate has expired", "success", "SUCCESS ", "SUCCESS,SUCCESS", "SUCCES",
    ])
    func `a certificate that did not verify is refused`(verify: String) {
        let value = NginxHeaders.headers(for: ExampleCertificate.forwarded())[0].value
        #expect(throws: ForwardedHeaderError(.notVerified, "")) {
            try NginxHeaders.parse(certificate: value.span, verify: bytes(verify).span)
        }
    }

    @Test(arguments: [
        ("", ForwardedHeaderError.Code.empty), ("%", .invalidPercentCoding),
        ("-----BEGIN CERTIFICATE-----", .invalidPercentCoding),
        ("-----BEGIN%20CERTIFICATE-----%0AAAAA%0A", .invalidPEM), ("AAAA", .invalidPEM),
        (String(repeating: "A", count: 65_537), .tooLarge),
    ])
    func `a value that is not a certificate is refused`(value: String, code: ForwardedHeaderError.Code) {
        #expect(throws: ForwardedHeaderError(code, "")) {
            try NginxHeaders.parse(certificate: bytes(value).span, verify: bytes("SUCCESS").span)
        }
    }

    @Test func `a second certificate is refused`() {
        let value = NginxHeaders.headers(for: ExampleCertificate.forwarded())[0].value
        #expect(throws: ForwardedHeaderError(.tooMany, "")) {
            try NginxHeaders.parse(certificate: (value + value).span, verify: bytes("SUCCESS").span)
        }
    }
}
