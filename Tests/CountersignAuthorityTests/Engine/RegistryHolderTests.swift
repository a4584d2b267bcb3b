import CountersignAuthority
import CountersignIssuance
import Testing

@Suite struct RegistryHolderTests {
    private func holder(
        _ texts: [String],
        commonName: String? = nil,
        fallback: String? = nil
    ) throws -> String {
        let registry = Registry(services: try TestAuthority.services(), agents: [])
        return try registry.holder(of: RequestedNames(texts: texts), commonName: commonName, fallback: fallback).name
    }

    @Test(
        arguments: [
            (["www.example.com"], nil), (["192.0.2.7"], nil), (["spiffe://cluster.local/ns/default/sa/web"], nil),
            ([], "web"),
            ([], "web.example.com"), (["web.example.com"], "web"),
        ] as [([String], String?)]
    )
    func `any name leads to the service`(_ texts: [String], _ commonName: String?) throws {
        #expect(try holder(texts, commonName: commonName) == "web")
    }

    @Test func `nothing named is the caller's own service`() throws {
        #expect(try holder([], fallback: "ledger") == "ledger")
        #expect(throws: AuthorityError(.malformedRequest, "")) { try holder([]) }
    }

    @Test(
        arguments: [
            (["unknown.example.com"], nil), (["web.example.com", "ledger.example.com"], nil),
            (["web.example.com"], "ledger"),
            ([], "unknown"), (["192.0.2.8"], nil), (["me@web.example.com"], "web"),
        ] as [([String], String?)]
    )
    func `names of none or of several services are refused`(_ texts: [String], _ commonName: String?) throws {
        #expect(throws: AuthorityError(.nameNotAllowed, "")) {
            try holder(texts, commonName: commonName, fallback: "web")
        }
    }
}
