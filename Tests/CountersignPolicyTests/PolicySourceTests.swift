import CountersignPolicy
import Testing

@Suite struct PolicySourceTests {
    @Test(arguments: [
        "cf:app:d76446a1-f429-4444-8797-be2f78b75b08", "cf:space:s", "cf:org:o", "cf:any", "spiffe://td/ns/prod/sa/web",
        "spiffe://td/*", "spiffe://td/ns/*/sa/web",
    ])
    func `a source comes back as it was written`(text: String) throws {
        let source = try PolicySource(parsing: text)
        #expect(source.description == text)
        var bytes: [UInt8] = []
        source.append(to: &bytes)
        #expect(bytes == Array(text.utf8))
    }

    @Test(arguments: [
        "", "cf:", "cf:app:", "cf:app:a b", "cf:app:a:b", "cf:apps:a", "CF:any", "cf:any:x", " cf:any",
        "cf:organization:o",
        "app:a", "a", "spiffe:", "spiffe://td", "spiffe://*/a", "SPIFFE://td/a", "oidc:sub", "x509:CN=a",
    ])
    func `anything else is refused`(text: String) {
        let error = #expect(throws: PolicyError.self) { try PolicySource(parsing: text) }
        #expect(error?.code == .invalidSource)
    }
}
