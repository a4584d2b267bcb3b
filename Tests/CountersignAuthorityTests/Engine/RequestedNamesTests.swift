import CountersignAuthority
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import Testing

@Suite struct RequestedNamesTests {
    @Test func `texts are told apart by their form`() throws {
        let names = RequestedNames(texts: ["a.example", "192.0.2.1", "2001:db8::1", "spiffe://td/x", "me@a.example"])
        #expect(names.dnsNames == ["a.example"] && names.uris == ["spiffe://td/x"] && names.others == ["me@a.example"])
        #expect(names.addresses.map(\.description) == ["192.0.2.1", "2001:db8::1"])
    }

    @Test func `a URI in a dNSName counts as a URI`() throws {
        let request = try TestAuthority.request(names: [
            .dns("spiffe://td/x"), .uri("spiffe://td/y"), .dns("a.example"),
        ])
        let names = RequestedNames(of: request)
        #expect(names.uris == ["spiffe://td/x", "spiffe://td/y"] && names.dnsNames == ["a.example"])
    }

    @Test(arguments: [
        ["web.example.com"], ["WEB.example.com", "www.example.com"], ["192.0.2.7"],
        ["spiffe://cluster.local/ns/default/sa/web"], [],
    ])
    func `registered names belong to their service`(_ texts: [String]) throws {
        #expect(RequestedNames(texts: texts).firstForeign(to: try TestAuthority.services()[0]) == nil)
    }

    @Test(arguments: [
        "ledger.example.com", "example.com", "x.web.example.com", "web.example.com.", "192.0.2.8", "me@web.example.com",
        "spiffe://cluster.local/ns/default/sa/ledger", "https://web.example.com", "*.example.com",
    ])
    func `other names do not`(_ text: String) throws {
        let names = RequestedNames(texts: ["web.example.com", text])
        #expect(names.firstForeign(to: try TestAuthority.services()[0]) == text)
    }
}
