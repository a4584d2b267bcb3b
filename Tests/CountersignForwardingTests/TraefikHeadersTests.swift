import CountersignForwarding
import Testing

@Suite struct TraefikHeadersTests {
    @Test func `leaf and chain are joined by a comma`() throws {
        let header = TraefikHeaders.certificateHeader(for: ExampleCertificate.forwarded())
        #expect(header.name == "X-Forwarded-Tls-Client-Cert")
        #expect(text(header.value) == ExampleCertificate.leafBase64 + "," + ExampleCertificate.intermediateBase64)
        let certificates = try TraefikHeaders.parseCertificates(header.value.span)
        #expect(certificates == [ExampleCertificate.leafDER, ExampleCertificate.intermediateDER])
    }

    @Test(arguments: [
        ("", ForwardedHeaderError.Code.empty), (",", .empty), ("AAAA,", .empty), (",AAAA", .empty),
        ("AAAA,,AAAA", .empty),
        ("AAAA, AAAA", .invalidBase64), ("AAA%3D", .invalidBase64), ("AAA", .invalidBase64),
        ("AAAA;AAAA", .invalidBase64),
        (String(repeating: "AAAA,", count: 10) + "AAAA", .tooMany), (String(repeating: "A", count: 65_540), .tooLarge),
    ])
    func `a value that is not a list of certificates is refused`(value: String, code: ForwardedHeaderError.Code) {
        #expect(throws: ForwardedHeaderError(code, "")) { try TraefikHeaders.parseCertificates(bytes(value).span) }
    }

    @Test func `the facts are in Traefik's order and escaped as a query`() {
        var certificate = ExampleCertificate.forwarded(
            subject: "CN=*.example.com,2.5.4.5=42,OU=app:b,OU=app:a,O=Cheese,L=Toulouse,ST=Gers,C=FR,DC=cheese,DC=org",
            uriNames: ["spiffe://td/w"],
            dnsNames: ["a.example.com"]
        )
        certificate.issuer = "CN=CA,OU=left out,O=Cheese"
        certificate.ipNames = ["10.0.0.1"]
        let header = TraefikHeaders.infoHeader(for: certificate)
        #expect(header.name == "X-Forwarded-Tls-Client-Cert-Info")
        #expect(
            unescaped(header.value) == """
                Subject="DC=org,DC=cheese,C=FR,ST=Gers,L=Toulouse,O=Cheese,OU=app:a,OU=app:b,SN=42,CN=*.example.com";\
                Issuer="O=Cheese,CN=CA";SerialNumber="7";NB="1579042533";NA="1611442533";\
                SAN="a.example.com,bdc@example.com,10.0.0.1,spiffe://td/w"
                """
        )
        #expect(text(header.value).hasPrefix("Subject%3D%22DC%3Dorg%2CDC%3Dcheese%2CC%3DFR%2C"))
    }

    @Test func `facts that a certificate lacks are left out`() {
        var certificate = ExampleCertificate.forwarded(subject: "")
        certificate.emailNames = []
        let info = unescaped(TraefikHeaders.infoHeader(for: certificate).value)
        #expect(!info.contains("Subject=") && !info.contains("SAN="))
        #expect(info.hasPrefix(#"Issuer="O=Let's Authenticate,CN=LA Intermediate CA";"#))
    }

    @Test func `a hostile name stays inside its own attribute`() {
        let certificate = ExampleCertificate.forwarded(
            subject: #"CN=x\";Issuer=\"CN=evil,O=a\, OU=app:evil"#,
            dnsNames: [#"a",b;NB="0"#]
        )
        let info = unescaped(TraefikHeaders.infoHeader(for: certificate).value)
        #expect(info.split(separator: "\"").count == 12)
        #expect(!info.contains("OU=app:evil") && !info.contains("Issuer=\"CN=evil"))
    }

    private func unescaped(_ value: [UInt8]) -> String {
        let spaced = value.map { $0 == UInt8(ascii: "+") ? bytes("%20") : [$0] }.joined()
        return text((try? PercentCoding.decode(Array(spaced).span)) ?? [])
    }
}
