import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct ForwardedHeaderFormatTests {
    @Test func `a format that is named twice is written once, and none where none is named`() {
        let certificate = ExampleCertificate.forwarded()
        let headers = CertificateHeaders([.rfc9440, .raw, .rfc9440]).headers(for: certificate)
        #expect(headers.map(\.name).first == "Client-Cert" && headers.map(\.name).last == "X-Forwarded-Client-Cert")
        #expect(headers.filter { $0.name == "Client-Cert" }.count == 1)
        #expect(CertificateHeaders([]).headers(for: certificate).isEmpty)
    }

    @Test(arguments: ForwardedHeaderFormat.allCases)
    func `every header that is written is one that is removed from clients`(format: ForwardedHeaderFormat) {
        let headers = format.headers(for: ExampleCertificate.forwarded())
        #expect(!headers.isEmpty)
        for header in headers {
            let isRemoved = IdentityHeaders.contains(bytes(header.name).span)
            #expect(isRemoved, "\(header.name)")
        }
    }

    @Test(arguments: ForwardedHeaderFormat.allCases)
    func `no certificate puts a byte into a header that could end it`(format: ForwardedHeaderFormat) {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<300 {
            var certificate = ExampleCertificate.forwarded(
                subject: generator.hostileText(upTo: 12),
                uriNames: [generator.hostileText(upTo: 6), generator.hostileText(upTo: 6)],
                dnsNames: [generator.hostileText(upTo: 6)]
            )
            certificate.issuer = generator.hostileText(upTo: 12)
            certificate.emailNames = [generator.hostileText(upTo: 6)]
            certificate.leafDER = generator.bytes(upTo: 100) + [0]
            for header in format.headers(for: certificate) {
                #expect(header.value.allSatisfy { (0x20...0x7E).contains($0) })
            }
        }
    }

    @Test func `a header is appended as a line`() throws {
        var head: [UInt8] = []
        let header = try #require(
            ForwardedHeaderFormat.nginx.headers(for: ExampleCertificate.forwarded()).dropFirst().first
        )
        header.append(to: &head)
        #expect(text(head) == "ssl-client-verify: SUCCESS\r\n")
    }
}
