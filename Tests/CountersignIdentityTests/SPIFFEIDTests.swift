import CountersignIdentity
import CountersignTesting
import Testing

@Suite struct SPIFFEIDTests {
    @Test(arguments: [
        ("spiffe://cluster.local/ns/default/sa/web", "cluster.local", "/ns/default/sa/web"),
        ("spiffe://link.internal/service/user-svc", "link.internal", "/service/user-svc"),
        ("spiffe://a/A.b-C_9", "a", "/A.b-C_9"),
        ("spiffe://a/...", "a", "/..."),
        ("spiffe://a/.x", "a", "/.x"),
        ("spiffe://a", "a", ""),
    ])
    func `a conforming ID is split into domain and path`(text: String, domain: String, path: String) throws {
        let id = try SPIFFEID(parsing: text)
        #expect(id.description == text)
        #expect(id.trustDomain.name == domain)
        #expect(id.path == path)
        #expect(id.namesWorkload == !path.isEmpty)
    }

    @Test(arguments: [
        "", "spiffe:", "spiffe:/", "spiffe://", "spiffe:///ns", "SPIFFE://a/b", "Spiffe://a/b", "https://a/b",
        " spiffe://a/b",
        "spiffe://A/b", "spiffe://a:443/b", "spiffe://u@a/b", "spiffe://a%20/b", "spiffe://a/", "spiffe://a/b/",
        "spiffe://a//b", "spiffe://a/b//c", "spiffe://a/./b", "spiffe://a/../b", "spiffe://a/b/..", "spiffe://a/b%2fc",
        "spiffe://a/b?c", "spiffe://a/b#c", "spiffe://a?c", "spiffe://a/b c", "spiffe://a/é", "spiffe://a/b\n",
        "spiffe://a/b\0", "spiffe://a/*", "spiffe://a/b\u{301}", "spiffe://a/b:c", "spiffe://a,spiffe://b",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: IdentityError.self) { try SPIFFEID(parsing: text) }
    }

    @Test func `2048 bytes are accepted and one more is refused`() throws {
        let longest = "spiffe://a/" + String(repeating: "x", count: 2_048 - 11)
        #expect(try SPIFFEID(parsing: longest).description.utf8.count == 2_048)
        #expect(throws: IdentityError(.invalidSPIFFEID, "")) { try SPIFFEID(parsing: longest + "x") }
    }

    @Test func `builders make the two documented forms`() throws {
        let domain = try TrustDomain(parsing: "cluster.local")
        let workload = try SPIFFEID.workload(trustDomain: domain, namespace: "prod", serviceAccount: "web")
        #expect(workload.description == "spiffe://cluster.local/ns/prod/sa/web")
        let service = try SPIFFEID.service(trustDomain: domain, name: "user-svc")
        #expect(service.description == "spiffe://cluster.local/service/user-svc")
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "a b", "*", "é", "a%2f"])
    func `builders refuse a part that is not one segment`(part: String) throws {
        let domain = try TrustDomain(parsing: "cluster.local")
        #expect(throws: IdentityError.self) {
            try SPIFFEID.workload(trustDomain: domain, namespace: part, serviceAccount: "web")
        }
        #expect(throws: IdentityError.self) {
            try SPIFFEID.workload(trustDomain: domain, namespace: "ns", serviceAccount: part)
        }
        #expect(throws: IdentityError.self) { try SPIFFEID.service(trustDomain: domain, name: part) }
    }

    @Test func `whatever parses has only the allowed bytes and parses again to itself`() throws {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("spiffe://aZ0.-_*%?#:@ é\n".unicodeScalars)
        var accepted = 0
        for _ in 0..<20_000 {
            var text = "spiffe://a"
            for _ in 0..<Int.random(in: 0..<8, using: &generator) {
                text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
            }
            guard let id = try? SPIFFEID(parsing: text) else { continue }
            accepted += 1
            #expect(id.description == text)
            #expect("spiffe://\(id.trustDomain)\(id.path)" == text)
            #expect(!text.contains("//a//") && !text.hasSuffix("/") && !text.contains("%") && !text.contains("*"))
        }
        #expect(accepted > 100)
    }
}
