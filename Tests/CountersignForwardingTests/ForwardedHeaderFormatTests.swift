import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct ForwardedHeaderFormatTests {
    @Test(arguments: [("raw", ForwardedHeaderFormat.raw), ("envoy", .envoy)])
    func `a configured format is read`(name: String, format: ForwardedHeaderFormat) throws {
        #expect(try ForwardedHeaderFormat(parsingXFCCFormat: name) == format)
    }

    @Test(arguments: ["", "Raw", "nginx", "rfc9440"])
    func `a format that xfcc_format does not have is refused`(name: String) {
        #expect(throws: ForwardedHeaderError(.unknownName, "")) { try ForwardedHeaderFormat(parsingXFCCFormat: name) }
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
