import CountersignAuthority
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import Synchronization
import Testing

@Suite struct VettedRequestTests {
    @Test func `a request of the service is taken`() throws {
        let request = try TestAuthority.request(commonName: "www.example.com", names: [.dns("web.example.com")])
        #expect(try VettedRequest(request, for: TestAuthority.services()[0]).service == "web")
    }

    @Test(
        arguments: [
            ("ledger", []), (nil, [.dns("ledger.example.com")]),
            (nil, [.uri("spiffe://cluster.local/ns/default/sa/ledger")]),
            (nil, [.email("me@web.example.com")]), (nil, [.ip([192, 0, 2, 8])]),
        ] as [(String?, [AlternativeName])]
    )
    func `names of others are refused`(_ commonName: String?, _ names: [AlternativeName]) throws {
        let request = try TestAuthority.request(commonName: commonName, names: names)
        #expect(throws: AuthorityError(.nameNotAllowed, "")) {
            try VettedRequest(request, for: TestAuthority.services()[0])
        }
    }

    @Test func `a request that somebody else signed is refused`() throws {
        var der = try TestAuthority.request(commonName: "web").der
        der[der.count - 1] ^= 1
        let request = try SigningRequest(der: der)
        #expect(throws: AuthorityError(.proofOfPossessionFailed, "")) {
            try VettedRequest(request, for: TestAuthority.services()[0])
        }
    }

    @Test func `a request to be an authority is refused`() throws {
        var builder = SigningRequestBuilder()
        builder.isAuthority = true
        let request = try builder.request(for: try PrivateKey.generate(.p256))
        #expect(throws: AuthorityError(.nameNotAllowed, "")) {
            try VettedRequest(request, for: TestAuthority.services()[0])
        }
    }

    @Test func `what was checked for one service is signed for no other`() throws {
        let authority = try TestAuthority()
        let vetted = try VettedRequest(try TestAuthority.request(commonName: "web"), for: TestAuthority.services()[0])
        let outcome = Mutex<Result<Issuance, AuthorityError>?>(nil)
        func issue(_ holder: String) throws -> Issuance {
            let order = IssuanceOrder(holder: .service(holder), key: .vetted(vetted), channel: .cfssl)
            authority.engine.issue(order, for: Caller(.local("test"))) { result in outcome.withLock { $0 = result } }
            return try #require(outcome.withLock { $0 }).get()
        }
        #expect(try issue("web").record.service == "web")
        #expect(throws: AuthorityError(.nameNotAllowed, "")) { try issue("ledger") }
    }

    @Test func `a common name is one of the service's names`() throws {
        let authority = try TestAuthority()
        let outcome = Mutex<Result<Issuance, AuthorityError>?>(nil)
        func issue(_ commonName: String?) throws -> String {
            var order = IssuanceOrder(holder: .service("web"), key: .generated(nil), channel: .cfssl)
            order.commonName = commonName
            authority.engine.issue(order, for: Caller(.local("test"))) { result in outcome.withLock { $0 = result } }
            return try #require(outcome.withLock { $0 }).get().record.subject
        }
        #expect(try issue(nil) == "CN=web")
        #expect(try issue("www.example.com") == "CN=www.example.com")
        #expect(throws: AuthorityError(.nameNotAllowed, "")) { try issue("ledger") }
    }
}
