import CountersignIdentity
import Testing

@Suite struct TrustDomainTests {
    @Test(arguments: ["cluster.local", "a", "link-internal_1.example", "0", String(repeating: "a", count: 255)])
    func `a conforming name is kept as it is`(name: String) throws {
        #expect(try TrustDomain(parsing: name).name == name)
    }

    @Test(arguments: [
        "", "Cluster.local", "cluster.local:8443", "user@cluster.local", "a/b", "a%2eb", "a b", "é.local", "a\0",
        "spiffe://cluster.local", "*", String(repeating: "a", count: 256),
    ])
    func `anything else is refused`(name: String) {
        #expect(throws: IdentityError(.invalidTrustDomain, "")) { try TrustDomain(parsing: name) }
    }

    @Test func `the error says where the wrong byte is`() {
        let error = #expect(throws: IdentityError.self) { try TrustDomain(parsing: "abC") }
        #expect(error?.message.contains("offset 2") == true)
    }
}
