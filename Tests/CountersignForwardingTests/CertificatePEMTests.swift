import CountersignForwarding
import Testing

@Suite struct CertificatePEMTests {
    @Test func `a published certificate is written as published`() {
        var output: [UInt8] = []
        CertificatePEM.encode(ExampleCertificate.leafDER.span, to: &output)
        #expect(text(output) == ExampleCertificate.leafPEM)
    }

    @Test func `several certificates are read in order`() throws {
        var output: [UInt8] = []
        CertificatePEM.encode(ExampleCertificate.leafDER.span, to: &output)
        CertificatePEM.encode(ExampleCertificate.intermediateDER.span, to: &output)
        let certificates = try CertificatePEM.decode(output.span, limit: 2)
        #expect(certificates == [ExampleCertificate.leafDER, ExampleCertificate.intermediateDER])
        #expect(throws: ForwardedHeaderError(.tooMany, "")) { try CertificatePEM.decode(output.span, limit: 1) }
    }

    @Test(arguments: ["\r\n", "\n\n", "\n"])
    func `line ends of either kind and empty lines are read`(lineEnd: String) throws {
        let pem = ExampleCertificate.leafPEM.split(separator: "\n").joined(separator: lineEnd)
        #expect(try CertificatePEM.decode(bytes(pem).span, limit: 1) == [ExampleCertificate.leafDER])
    }

    @Test(arguments: [
        ("", ForwardedHeaderError.Code.empty), ("\n", .empty), ("x", .invalidPEM),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", .invalidPEM),
        ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", .invalidPEM),
        ("-----END CERTIFICATE-----\n", .invalidPEM),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", .invalidPEM),
        ("-----BEGIN CERTIFICATE-----\nAA A\n-----END CERTIFICATE-----\n", .invalidBase64),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----x\n", .invalidPEM),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            .invalidBase64
        ),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\ntrailing", .invalidPEM),
    ])
    func `what is not a sequence of certificates is refused`(pem: String, code: ForwardedHeaderError.Code) {
        #expect(throws: ForwardedHeaderError(code, "")) { try CertificatePEM.decode(bytes(pem).span, limit: 10) }
    }
}
