import CountersignForwarding
import CountersignTesting
import Testing

@Suite struct XFCCWriterTests {
    @Test func `the raw form is the PEM body in one line`() {
        #expect(text(XFCCWriter.raw(ExampleCertificate.forwarded())) == ExampleCertificate.leafBase64)
    }

    @Test func `a Cloud Foundry certificate is written as hash and subject`() {
        let certificate = ExampleCertificate.forwarded(
            subject: "CN=instance,OU=app:a,OU=space:s,OU=organization:o",
            dnsNames: ["instance"]
        )
        let expected = """
            Hash=\(ExampleCertificate.leafSHA256);Subject="CN=instance,OU=app:a,OU=space:s,OU=organization:o"
            """
        #expect(text(XFCCWriter.envoy(certificate)) == expected)
    }

    @Test func `a SPIFFE certificate has its URI`() {
        let certificate = ExampleCertificate.forwarded(subject: "", uriNames: ["spiffe://td/ns/a"])
        #expect(
            text(XFCCWriter.envoy(certificate))
                == "Hash=\(ExampleCertificate.leafSHA256);Subject=\"\";URI=spiffe://td/ns/a"
        )
    }

    @Test func `keys have Envoy's order`() throws {
        let element = XFCCElement(
            by: ["spiffe://td/router"],
            hash: ExampleCertificate.leafSHA256,
            certificate: ExampleCertificate.leafDER,
            chain: [ExampleCertificate.leafDER],
            subject: "CN=a",
            uris: ["u"],
            dnsNames: ["d1", "d2"]
        )
        let value = text(XFCCWriter.envoy([element]))
        let keys = value.split(separator: ";").map { $0.prefix { $0 != "=" } }
        #expect(keys == ["By", "Hash", "Cert", "Chain", "Subject", "URI", "DNS", "DNS"])
        #expect(value.contains(#";Cert="-----BEGIN%20CERTIFICATE-----%0AMIIB"#))
        #expect(try XFCCParser.parse(bytes(value).span) == [element])
    }

    @Test(arguments: [
        ("spiffe://td/a", "spiffe://td/a"), ("a,b", "\"a,b\""), ("a;b", "\"a;b\""), ("a=b", "\"a=b\""),
        ("a\"b", "a%22b"), (#"a\"#, "a%5C"),
        ("a\r\nHost: b", "a%0D%0AHost:%20b"),
    ])
    func `a name is quoted where it must be, and cannot end its quotes`(name: String, written: String) {
        #expect(text(XFCCWriter.envoy([XFCCElement(uris: [name])])) == "URI=\(written)")
    }

    @Test func `certificate and chain come back`() throws {
        let certificate = ExampleCertificate.forwarded()
        let value = XFCCWriter.envoy(certificate, details: [.certificate, .chain, .uri, .dns])
        let element = try #require(try XFCCParser.parse(value.span).first)
        #expect(element.certificate == ExampleCertificate.leafDER)
        #expect(element.chain == [ExampleCertificate.leafDER, ExampleCertificate.intermediateDER])
    }

    @Test func `ordinary elements come back as they were`() throws {
        var generator = SeededGenerator(seed: 7)
        let names = ["spiffe://td/ns/a", "a.b.example", "urn:x:y,z", "https://h/?q=1;r=2", "*.w"]
        func some(_ values: [String]) -> [String] { values.filter { _ in Bool.random(using: &generator) } }
        for _ in 0..<2000 {
            let elements = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                XFCCElement(
                    by: some(names),
                    hash: ExampleCertificate.leafSHA256,
                    chain: (0..<Int.random(in: 0...3, using: &generator)).map { _ in [7] + generator.bytes(upTo: 60) },
                    subject: some(["CN=a,OU=app:b,OU=space:c"]).first,
                    uris: some(names),
                    dnsNames: some(names)
                )
            }
            #expect(try XFCCParser.parse(XFCCWriter.envoy(elements).span) == elements)
        }
    }

    @Test func `a hostile element comes back with the same shape`() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<5000 {
            let element = XFCCElement(
                by: ["b" + generator.hostileText(upTo: 5)],
                hash: ExampleCertificate.leafSHA256,
                subject: generator.hostileText(upTo: 10),
                uris: ["u" + generator.hostileText(upTo: 5), "v" + generator.hostileText(upTo: 5)],
                dnsNames: ["d" + generator.hostileText(upTo: 5)]
            )
            let parsed = try XFCCParser.parse(XFCCWriter.envoy([element, element]).span)
            try #require(parsed.count == 2)
            #expect(parsed[0] == parsed[1])
            #expect(parsed[0].by == element.by.map(coded))
            #expect(parsed[0].uris == element.uris.map(coded))
            #expect(parsed[0].dnsNames == element.dnsNames.map(coded))
            var subject: [UInt8] = []
            DistinguishedNameText.append(bytes(element.subject ?? "").span, to: &subject)
            #expect(parsed[0].subject == text(subject))
        }
    }

    private func coded(_ name: String) -> String {
        var output: [UInt8] = []
        PercentCoding.encode(bytes(name).span, .name, to: &output)
        return text(output)
    }
}
